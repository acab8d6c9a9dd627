using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace K8sQueue.Core.Redis;

/// <summary>What a connection needs to know, made from the options once.</summary>
internal sealed class RedisEndpoint
{
    private readonly RedisQueueOptions _options;
    private readonly X509Certificate2Collection? _authorities;

    public RedisEndpoint(RedisQueueOptions options)
    {
        _options = options;
        Address = RedisAddress.TryParse(options.Address, out var address)
            ? address
            : throw new ArgumentException($"'{options.Address}' is not host:port.", nameof(options));
        if (options.CaFile is { } file)
        {
            _authorities = [];
            _authorities.ImportFromPemFile(file);
        }
        else if (options.CaPem is { } pem)
        {
            _authorities = [];
            _authorities.ImportFromPem(pem);
        }
    }

    public RedisAddress Address { get; }

    public int Database => _options.Database;

    public string ClientName => _options.ClientName;

    /// <summary>How to secure the connection; null for plain text.</summary>
    public SslClientAuthenticationOptions? Tls => !_options.Tls ? null : new SslClientAuthenticationOptions
    {
        TargetHost = Address.Host,
        RemoteCertificateValidationCallback = Verify,
    };

    /// <summary>The password as it is now; null for none.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    public string? ReadPassword()
    {
        var password = _options.PasswordFile is { } file ? File.ReadAllText(file).TrimEnd('\r', '\n') : _options.Password;
        return string.IsNullOrEmpty(password) ? null : password;
    }

    /// <summary>Accepts what the system accepts; with a CA file, a certificate of the right name that one of its authorities signed.</summary>
    public bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None && _authorities is null)
            return true;
        if (_authorities is null || certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
            return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in chain?.ChainElements.AsEnumerable() ?? [])
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return own.Build(leaf);
    }
}
