namespace K8sQueue.Worker.Handlers.Http;

/// <summary>
/// What calls are signed with, as it is now. A file that is being replaced, or holds less than a secret, leaves the last good one: no call goes out
/// without a signature, or with that of nothing.
/// </summary>
internal sealed class SigningSecret(HttpHandlerOptions options)
{
    /// <summary>The fewest characters of one that comes from the settings.</summary>
    public const int MinLength = 16;

    private volatile string? _last;

    /// <summary>The secret; null where calls are not signed.</summary>
    /// <exception cref="RetryJobException">There is a file, and it was never readable.</exception>
    public string? Read()
    {
        if (options.SigningSecretFile is not { } file)
            return options.SigningSecret;
        Exception? trouble = null;
        try
        {
            if (File.ReadAllText(file).TrimEnd('\r', '\n') is { Length: >= MinLength } secret)
                _last = secret;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            trouble = e;
        }

        return _last ?? options.SigningSecret ?? throw new RetryJobException($"{file} has no signing secret", delay: null, trouble);
    }
}
