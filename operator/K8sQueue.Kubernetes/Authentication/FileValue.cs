using System.Security.Cryptography;

namespace K8sQueue.Kubernetes.Authentication;

/// <summary>
/// What is made of files that somebody else renews (certificates, CA bundles): looked at again each minute, and where somebody was refused
/// with it. The same content stays the same object; files that can't be read, or don't fit together just now, leave what there was.
/// </summary>
internal sealed class FileValue<T>(IReadOnlyList<string> paths, Func<IReadOnlyList<string>, T> parse, TimeProvider time)
    where T : class
{
    /// <summary>How long a value is kept before the files are read again.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private IReadOnlyList<string>? _texts;
    private T? _value;
    private long _readAt;
    private bool _stale;

    /// <exception cref="IOException">The files could never be read.</exception>
    /// <exception cref="CryptographicException">They could never be understood.</exception>
    public T Get()
    {
        lock (_gate)
        {
            if (_value is { } current && !_stale && time.GetElapsedTime(_readAt) < RefreshInterval)
                return current;
            try
            {
                var texts = paths.Select(File.ReadAllText).ToList();
                if (_value is null || !texts.SequenceEqual(_texts!))
                    (_value, _texts) = (parse(texts), texts);
            }
            catch (Exception e) when (_value is not null && e is (IOException or UnauthorizedAccessException or CryptographicException))
            {
                // What there was may still be good; the next minute reads again.
            }

            _readAt = time.GetTimestamp();
            _stale = false;
            return _value;
        }
    }

    /// <summary>Somebody was refused with it: the next one reads the files.</summary>
    public void Invalidate(T refused)
    {
        lock (_gate)
            _stale |= ReferenceEquals(refused, _value);
    }
}
