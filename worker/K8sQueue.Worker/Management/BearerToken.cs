using System.Security.Cryptography;
using System.Text;

namespace K8sQueue.Worker.Management;

/// <summary>The one token that opens the guarded endpoints. Compared in constant time, by hash, so not even its length shows.</summary>
internal sealed class BearerToken(string? token)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _hash = string.IsNullOrEmpty(token) ? null : Hash(token);

    public enum Verdict
    {
        /// <summary>There is no token, so nobody may enter.</summary>
        NotConfigured,
        Wrong,
        Right,
    }

    public Verdict Check(string? authorization)
    {
        if (_hash is null)
            return Verdict.NotConfigured;
        var given = authorization is not null && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? authorization[Scheme.Length..].Trim()
            : string.Empty;
        return CryptographicOperations.FixedTimeEquals(_hash, Hash(given)) ? Verdict.Right : Verdict.Wrong;
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
