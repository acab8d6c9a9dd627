using System.Security.Cryptography;
using K8sQueue.Api.Hosting;

namespace K8sQueue.Api.Authentication;

/// <summary>The keys that are good at one moment.</summary>
internal sealed class ApiKeyList(IReadOnlyList<ApiKey> keys)
{
    public int Count => keys.Count;

    public IReadOnlyList<ApiKey> Items => keys;

    /// <summary>Reads lines of <see cref="ApiKey.Parse"/>; blank lines and those that start with '#' are nothing.</summary>
    /// <exception cref="ApiConfigurationException">A line is something else. The message has its number, not its text: it may be a secret.</exception>
    public static ApiKeyList Parse(string text, string source, params ReadOnlySpan<char> separators)
    {
        var keys = new List<ApiKey>();
        var number = 0;
        foreach (var line in text.Split(separators).Select(line => line.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
                continue;
            try
            {
                keys.Add(ApiKey.Parse(line));
            }
            catch (FormatException e)
            {
                throw new ApiConfigurationException($"Entry {number} of {source} {e.Message}. `create-key NAME` makes one.");
            }
        }

        return new ApiKeyList(keys);
    }

    public ApiKeyList Concat(ApiKeyList other) => new([.. keys, .. other.Items]);

    /// <summary>The key of this text; null where there is none. The time taken does not tell which one, or how nearly.</summary>
    public ApiKey? Find(string secret)
    {
        var hash = ApiKey.HashOf(secret);
        ApiKey? found = null;
        foreach (var key in keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, key.Hash))
                found = key;
        }

        return found;
    }

    /// <summary>The key of this name whose SHA-256 begins so; null where there is none.</summary>
    public ApiKey? Find(string name, ReadOnlySpan<byte> fingerprint)
    {
        foreach (var key in keys)
        {
            if (key.Name == name && CryptographicOperations.FixedTimeEquals(fingerprint, key.Hash.AsSpan(0, fingerprint.Length)))
                return key;
        }

        return null;
    }
}
