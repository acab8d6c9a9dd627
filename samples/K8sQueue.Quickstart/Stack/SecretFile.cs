namespace K8sQueue.Quickstart.Stack;

/// <summary>Files that are their owner's alone.</summary>
internal static class SecretFile
{
    public static async Task WriteAsync(string path, string content, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(content), cancellationToken);
    }
}
