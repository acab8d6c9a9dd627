using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests.Support;

/// <summary>Programs that stand before the real ones, for scripts of <c>eng/</c> that want Docker, kind or a cluster. What they note in <c>$CALLS</c> is kept.</summary>
internal sealed class StubbedTools : IDisposable
{
    private readonly string _bin = Directory.CreateTempSubdirectory("k8squeue-stubs-").FullName;

    /// <summary>What the programs noted, line by line.</summary>
    public IReadOnlyList<string> Calls => File.Exists(CallsFile) ? File.ReadAllLines(CallsFile) : [];

    private string CallsFile => Path.Combine(_bin, "calls.log");

    public void Add(string name, string script)
    {
        var file = Path.Combine(_bin, name);
        File.WriteAllText(file, $"#!/bin/bash\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Runs a script of <c>eng/</c> with them.</summary>
    public Task<Command> RunAsync(string script, params string[] arguments) => Command.RunAsync(
        Path.Combine(RepositoryFolder.Root, "eng", script),
        arguments,
        new Dictionary<string, string> { ["PATH"] = $"{_bin}:{Environment.GetEnvironmentVariable("PATH")}", ["CALLS"] = CallsFile });

    public void Dispose() => Directory.Delete(_bin, recursive: true);
}
