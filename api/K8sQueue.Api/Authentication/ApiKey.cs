using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace K8sQueue.Api.Authentication;

/// <summary>What the API knows of a key: who it is for, the SHA-256 of its text, and what it may do. The key itself is shown once, when it is made.</summary>
internal sealed record ApiKey(string Name, byte[] Hash, KeyScope Scope)
{
    public const string Shape = "<name>:<SHA-256 of the key in hex>, with :<scopes> behind it or not";

    private const string KeyPrefix = "k8sq_";
    private const int KeyBytes = 32;
    private const int MaxNameLength = 64;

    /// <summary>The line of a keys file.</summary>
    public string Line => $"{Name}:{Convert.ToHexStringLower(Hash)}{(Scope.Text is { Length: > 0 } scopes ? $":{scopes}" : "")}";

    /// <summary>Who shows the key. Nobody changes it, so that all of its requests share it.</summary>
    public ClaimsPrincipal Principal { get; } = new(IdentityOf(Name, Scope));

    /// <inheritdoc cref="Principal"/>
    public ClaimsIdentity Identity => (ClaimsIdentity)Principal.Identity!;

    /// <summary>Makes a key with 256 random bits. A plain hash suffices for it: there is no dictionary of such keys.</summary>
    public static (string Secret, ApiKey Key) Create(string name, KeyScope? scope = null)
    {
        var secret = KeyPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));
        return (secret, new ApiKey(name, HashOf(secret), scope ?? KeyScope.Everything));
    }

    /// <summary>The SHA-256 of a key's text as UTF-8.</summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Whether <paramref name="name"/> can name a key: 1 to 64 letters, digits, '-', '_' or '.'.</summary>
    public static bool IsValidName(string name) =>
        name.Length is >= 1 and <= MaxNameLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>Somebody with a name who may do what a scope says.</summary>
    public static ClaimsIdentity IdentityOf(string name, KeyScope scope) =>
        new([new Claim(ClaimTypes.Name, name), .. scope.Claims], ApiKeyHandler.SchemeName);

    /// <summary>Reads a line <c>name:sha256hex</c> or <c>name:sha256hex:scopes</c>.</summary>
    /// <exception cref="FormatException">It is neither; the message says what it is instead, and nothing of its text, which may be a secret.</exception>
    public static ApiKey Parse(string line)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        if (line.Split(':', 3) is not [var name, var hex, ..] parts || !IsValidName(name) || hex.Length != hash.Length * 2
            || Convert.FromHexString(hex, hash, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            throw new FormatException($"is not {Shape}");
        }

        return new ApiKey(name, hash, parts.Length == 2 ? KeyScope.Everything : KeyScope.Parse(parts[2]));
    }
}
