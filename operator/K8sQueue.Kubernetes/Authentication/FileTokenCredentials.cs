namespace K8sQueue.Kubernetes.Authentication;

/// <summary>
/// A token in a file that somebody renews (a projected service account token): read again each minute, and after a 401. A read that fails
/// keeps the token there was.
/// </summary>
public sealed class FileTokenCredentials(string path, TimeProvider time) : ICredentialSource, IDisposable
{
    /// <summary>How long a token is kept before the file is read again.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private Credential? _credential;
    private long _readAt;
    private bool _stale;

    public async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_credential is not null && !_stale && time.GetElapsedTime(_readAt) < RefreshInterval)
                return _credential;
            try
            {
                var token = (await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)).Trim();
                if (token.Length == 0)
                    throw new IOException($"The token file {path} is empty.");
                if (_credential?.Token != token)
                    _credential = new Credential(token, null);
            }
            catch (Exception e) when (_credential is not null && e is (IOException or UnauthorizedAccessException))
            {
                // The old token may still be good; the next minute reads again.
            }

            _readAt = time.GetTimestamp();
            _stale = false;
            return _credential;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Invalidate(Credential credential)
    {
        if (ReferenceEquals(credential, _credential))
            _stale = true;
    }

    public void Dispose() => _gate.Dispose();
}
