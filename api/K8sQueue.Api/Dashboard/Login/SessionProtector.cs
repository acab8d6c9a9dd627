using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace K8sQueue.Api.Dashboard.Login;

/// <summary>
/// Makes cookies of tickets and reads them again: AES-256-GCM under a key that HKDF-SHA256 derives from the secret. What was changed,
/// made under another secret or is no ticket reads as nothing.
/// </summary>
internal sealed partial class SessionProtector
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int MaxTextLength = 512;
    private static readonly byte[] Purpose = "k8squeue dashboard session v1"u8.ToArray();

    private readonly byte[] _key;

    public SessionProtector(DashboardOptions options, ILogger<SessionProtector> logger)
    {
        if (options.Secret is null)
            Log.RandomSecret(logger, DashboardOptions.SecretFileVariable);
        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, options.Secret ?? RandomNumberGenerator.GetBytes(32), 32, info: Purpose);
    }

    public string Protect(SessionTicket ticket)
    {
        var name = Encoding.UTF8.GetBytes(ticket.Name);
        var plain = new byte[sizeof(long) + SessionTicket.FingerprintBytes + name.Length];
        BinaryPrimitives.WriteInt64BigEndian(plain, ticket.ExpiresAt.ToUnixTimeSeconds());
        ticket.Fingerprint.CopyTo(plain, sizeof(long));
        name.CopyTo(plain, sizeof(long) + SessionTicket.FingerprintBytes);
        var sealedText = new byte[NonceBytes + TagBytes + plain.Length];
        var nonce = sealedText.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, plain, sealedText.AsSpan(NonceBytes + TagBytes), sealedText.AsSpan(NonceBytes, TagBytes), Purpose);
        return Base64Url.EncodeToString(sealedText);
    }

    public bool TryUnprotect(string text, [NotNullWhen(true)] out SessionTicket? ticket)
    {
        ticket = null;
        if (text.Length > MaxTextLength || !Base64Url.IsValid(text))
            return false;
        ReadOnlySpan<byte> sealedText = Base64Url.DecodeFromChars(text);
        var length = sealedText.Length - NonceBytes - TagBytes;
        if (length < sizeof(long) + SessionTicket.FingerprintBytes)
            return false;
        var plain = new byte[length];
        using var aes = new AesGcm(_key, TagBytes);
        try
        {
            aes.Decrypt(sealedText[..NonceBytes], sealedText[(NonceBytes + TagBytes)..], sealedText.Slice(NonceBytes, TagBytes), plain, Purpose);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        ticket = new SessionTicket(
            Encoding.UTF8.GetString(plain.AsSpan(sizeof(long) + SessionTicket.FingerprintBytes)),
            plain.AsSpan(sizeof(long), SessionTicket.FingerprintBytes).ToArray(),
            DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(plain)));
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Variable} is not set: logins to the dashboard end with this process, and don't hold over replicas")]
        public static partial void RandomSecret(ILogger logger, string variable);
    }
}
