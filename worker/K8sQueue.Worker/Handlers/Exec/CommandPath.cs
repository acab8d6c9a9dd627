namespace K8sQueue.Worker.Handlers.Exec;

/// <summary>Finds programs as posix_spawnp does.</summary>
internal static class CommandPath
{
    /// <summary>Whether the file is there: by its path where it has a slash, else in one of PATH's directories.</summary>
    public static bool Exists(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal))
            return File.Exists(program);
        var path = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } value ? value : "/bin:/usr/bin";
        return path.Split(':').Any(directory => File.Exists(Path.Combine(directory.Length == 0 ? "." : directory, program)));
    }
}
