using System.Security.Cryptography;
using K8sQueue.Api.Hosting;

namespace K8sQueue.Api.Authentication;

/// <summary>The keys that are good at one moment.</summary>
internal sealed class ApiKeyList(IReadOnlyList<ApiKey> keys)
{
    public int Count => keys.Count;

    /// <summary>Reads lines of <c>name:sha256hex</c>; blank lines and those that start with '#' are nothing.</summary>
    /// <exception cref="ApiConfigurationException">A line is neither. The message has its number, not its text: it may be a secret.</exception>
    public static ApiKeyList Parse(string text, string source, params ReadOnlySpan<char> separators)
    {
        var keys = new List<ApiKey>();
        var number = 0;
        foreach (var line in text.Split(separators).Select(line => line.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
                continue;
            keys.Add(ApiKey.TryParse(line, out var key)
                ? key
                : throw new ApiConfigurationException(
                    $"Entry {number} of {source} is not <name>:<SHA-256 of the key in hex>. `create-key NAME` makes one."));
        }

        return new ApiKeyList(keys);
    }

    public ApiKeyList Concat(ApiKeyList other) => new([.. keys, .. other.Items]);

    /// <summary>The name of the key; null where no key matches. The time taken does not tell which one, or how nearly.</summary>
    public string? Find(string secret)
    {
        var hash = ApiKey.HashOf(secret);
        string? name = null;
        foreach (var key in keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, key.Hash))
                name = key.Name;
        }

        return name;
    }

    private IReadOnlyList<ApiKey> Items => keys;
}
