namespace K8sQueue.Client.Http;

/// <summary>The API key: a setting, or what a file has now.</summary>
internal sealed class ApiKeySource(K8sQueueClientOptions options, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private Reading? _last;

    /// <summary>The key; null where there is none.</summary>
    /// <exception cref="K8sQueueAccessException">The file can't be read, and never could.</exception>
    public string? Current => options.ApiKeyFile is null ? options.ApiKey : Read(options.ApiKeyFile, force: false);

    /// <summary>The key was refused: whether the file has another one by now.</summary>
    public bool HasAnother(string? refused) => options.ApiKeyFile is { } file && Read(file, force: true) != refused;

    private string Read(string file, bool force)
    {
        var last = Volatile.Read(ref _last);
        if (last is not null && !force && time.GetElapsedTime(last.At) < Fresh)
            return last.Key;
        try
        {
            var reading = new Reading(File.ReadAllText(file).Trim(), time.GetTimestamp());
            Volatile.Write(ref _last, reading);
            return reading.Key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Where it is being replaced, the last one may still be good.
            return last?.Key ?? throw Problems.NoKey(e);
        }
    }

    private sealed record Reading(string Key, long At);
}
