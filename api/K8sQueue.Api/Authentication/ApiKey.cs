using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace K8sQueue.Api.Authentication;

/// <summary>What the API knows of a key: who it is for, and the SHA-256 of its text. The key itself is shown once, when it is made.</summary>
internal sealed record ApiKey(string Name, byte[] Hash)
{
    private const string KeyPrefix = "k8sq_";
    private const int KeyBytes = 32;
    private const int MaxNameLength = 64;

    /// <summary>The line of a keys file.</summary>
    public string Line => $"{Name}:{Convert.ToHexStringLower(Hash)}";

    /// <summary>Makes a key with 256 random bits. A plain hash suffices for it: there is no dictionary of such keys.</summary>
    public static (string Secret, ApiKey Key) Create(string name)
    {
        var secret = KeyPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));
        return (secret, new ApiKey(name, HashOf(secret)));
    }

    /// <summary>The SHA-256 of a key's text as UTF-8.</summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Whether <paramref name="name"/> can name a key: 1 to 64 letters, digits, '-', '_' or '.'.</summary>
    public static bool IsValidName(string name) =>
        name.Length is >= 1 and <= MaxNameLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>Reads a line <c>name:sha256hex</c>.</summary>
    public static bool TryParse(string line, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !IsValidName(line[..colon]))
            return false;
        var hash = new byte[SHA256.HashSizeInBytes];
        var hex = line.AsSpan(colon + 1);
        if (hex.Length != hash.Length * 2 || Convert.FromHexString(hex, hash, out _, out _) != System.Buffers.OperationStatus.Done)
            return false;
        key = new ApiKey(line[..colon], hash);
        return true;
    }
}
