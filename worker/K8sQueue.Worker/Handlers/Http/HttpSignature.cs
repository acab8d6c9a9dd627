using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace K8sQueue.Worker.Handlers.Http;

/// <summary>
/// Shows a receiver that a call comes from who knows the secret, and when: <c>sha256=</c> and the hexadecimal HMAC-SHA256 of
/// <c>timestamp.body</c>, the timestamp in Unix seconds as in its header.
/// </summary>
internal static class HttpSignature
{
    public const string TimestampHeader = "X-K8sQueue-Timestamp";
    public const string Header = "X-K8sQueue-Signature";

    public static void Sign(HttpRequestMessage request, string secret, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.TryAddWithoutValidation(TimestampHeader, timestamp);
        request.Headers.TryAddWithoutValidation(Header, Of(secret, timestamp, body.Span));
    }

    private static string Of(string secret, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hash.AppendData(Encoding.ASCII.GetBytes(timestamp + "."));
        hash.AppendData(body);
        return "sha256=" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
