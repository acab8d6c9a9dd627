using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using K8sQueue.Api.Hosting;
using Microsoft.AspNetCore.DataProtection;

namespace K8sQueue.Api.Dashboard.Login;

/// <summary>
/// Makes cookies of tickets and reads them again: AES-256-GCM under a key that HKDF-SHA256 derives from the secret. What was changed,
/// made under another secret or is no ticket reads as nothing: a secret that is rotated ends all logins.
/// </summary>
internal sealed partial class SessionProtector
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>The longest cookie: browsers keep 4 KiB, with its name and attributes.</summary>
    public const int MaxTextLength = 3500;

    private static readonly byte[] Purpose = "k8squeue dashboard session v1"u8.ToArray();

    private readonly RotatedSecret? _secret;
    private volatile Derived _last;

    public SessionProtector(DashboardOptions options, TimeProvider time, ILogger<SessionProtector> logger)
    {
        _secret = options.Secret is { } setting ? new RotatedSecret(setting, time, logger) : null;
        _last = _secret is null ? new Derived("", Derive(RandomNumberGenerator.GetBytes(32))) : Of(_secret.Text);
        if (_secret is null)
            Log.RandomSecret(logger, DashboardOptions.SecretFileVariable);
    }

    /// <summary>Protects what a login by OpenID Connect leaves with the browser, under keys of its own.</summary>
    public IDataProtectionProvider Logins => new LoginProtection(Key);

    public string Protect(SessionTicket ticket)
    {
        // Neither names nor grants have line breaks.
        var name = Encoding.UTF8.GetBytes(string.Join('\n', [ticket.Name, .. ticket.Grants ?? []]));
        var plain = new byte[sizeof(long) + SessionTicket.FingerprintBytes + name.Length];
        BinaryPrimitives.WriteInt64BigEndian(plain, ticket.ExpiresAt.ToUnixTimeSeconds());
        ticket.Fingerprint.CopyTo(plain, sizeof(long));
        name.CopyTo(plain, sizeof(long) + SessionTicket.FingerprintBytes);
        var sealedText = new byte[NonceBytes + TagBytes + plain.Length];
        var nonce = sealedText.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(Key(), TagBytes);
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
        using var aes = new AesGcm(Key(), TagBytes);
        try
        {
            aes.Decrypt(sealedText[..NonceBytes], sealedText[(NonceBytes + TagBytes)..], sealedText.Slice(NonceBytes, TagBytes), plain, Purpose);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        var lines = Encoding.UTF8.GetString(plain.AsSpan(sizeof(long) + SessionTicket.FingerprintBytes)).Split('\n');
        ticket = new SessionTicket(
            lines[0],
            plain.AsSpan(sizeof(long), SessionTicket.FingerprintBytes).ToArray(),
            DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(plain)),
            lines.Length == 1 ? null : lines[1..]);
        return true;
    }

    private static Derived Of(string secret) => new(secret, Derive(Encoding.UTF8.GetBytes(secret)));

    private static byte[] Derive(byte[] secret) => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: Purpose);

    private byte[] Key()
    {
        var last = _last;
        if (_secret?.Text is { } text && text != last.Secret)
            _last = last = Of(text);
        return last.Key;
    }

    private sealed record Derived(string Secret, byte[] Key);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Variable} is not set: logins to the dashboard end with this process, and don't hold over replicas")]
        public static partial void RandomSecret(ILogger logger, string variable);
    }
}
