using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace K8sQueue.Api.Dashboard.Login;

/// <summary>
/// Protects what a login by OpenID Connect leaves with the browser on its way (AES-256-GCM, a key a purpose by HKDF-SHA256). The key is of the dashboard's
/// secret, so that any replica goes on with it, and nothing is written to the disk.
/// </summary>
/// <param name="secret">The dashboard's key, which is another one when the secret is.</param>
/// <param name="purpose">What is protected.</param>
internal sealed class LoginProtection(Func<byte[]> secret, string purpose = "") : IDataProtector
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _info = Encoding.UTF8.GetBytes($"k8squeue login {purpose}");

    public IDataProtector CreateProtector(string purpose) => new LoginProtection(Key, purpose);

    public byte[] Protect(byte[] plaintext)
    {
        var sealedText = new byte[NonceBytes + TagBytes + plaintext.Length];
        var nonce = sealedText.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(Key(), TagBytes);
        aes.Encrypt(nonce, plaintext, sealedText.AsSpan(NonceBytes + TagBytes), sealedText.AsSpan(NonceBytes, TagBytes));
        return sealedText;
    }

    /// <exception cref="CryptographicException">It was changed, or made under another secret or for another purpose.</exception>
    public byte[] Unprotect(byte[] protectedData)
    {
        if (protectedData.Length < NonceBytes + TagBytes)
            throw new CryptographicException("It is too short.");
        var sealedText = protectedData.AsSpan();
        var plain = new byte[protectedData.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(Key(), TagBytes);
        aes.Decrypt(sealedText[..NonceBytes], sealedText[(NonceBytes + TagBytes)..], sealedText.Slice(NonceBytes, TagBytes), plain);
        return plain;
    }

    private byte[] Key() => HKDF.Expand(HashAlgorithmName.SHA256, secret(), 32, _info);
}
