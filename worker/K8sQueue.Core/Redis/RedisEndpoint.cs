using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Core.Redis;

/// <summary>What a connection needs to know, made from the options once.</summary>
internal sealed partial class RedisEndpoint
{
    private readonly RedisQueueOptions _options;
    private readonly ILogger _logger;
    private volatile Authorities? _authorities;

    public RedisEndpoint(RedisQueueOptions options, ILogger? logger = null)
    {
        _options = options;
        _logger = logger ?? NullLogger.Instance;
        Address = RedisAddress.TryParse(options.Address, out var address)
            ? address
            : throw new ArgumentException($"'{options.Address}' is not host:port.", nameof(options));
        if ((options.CaFile is { } file ? File.ReadAllText(file) : options.CaPem) is { } pem)
            _authorities = Authorities.Of(pem);
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
    /// <exception cref="UnauthorizedAccessException">This user may not read it, or it is a directory.</exception>
    public string? ReadPassword()
    {
        var password = _options.PasswordFile is { } file ? File.ReadAllText(file).TrimEnd('\r', '\n') : _options.Password;
        return string.IsNullOrEmpty(password) ? null : password;
    }

    /// <summary>Accepts what the system accepts; with a CA file, a certificate of the right name that one of the authorities signed which the file has now.</summary>
    public bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var authorities = ReadAuthorities();
        if (errors == SslPolicyErrors.None && authorities is null)
            return true;
        if (authorities is null || certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
            return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities.Certificates);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in chain?.ChainElements.AsEnumerable() ?? [])
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return own.Build(leaf);
    }

    // A file that is being replaced, or has no certificate, leaves the last good ones.
    private Authorities? ReadAuthorities()
    {
        var last = _authorities;
        if (_options.CaFile is not { } file)
            return last;
        try
        {
            var pem = File.ReadAllText(file);
            if (pem == last?.Pem)
                return last;
            var read = Authorities.Of(pem);
            if (read.Certificates.Count > 0)
                return _authorities = read;
            Log.AuthoritiesUnreadable(_logger, $"{file} has no certificate.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            Log.AuthoritiesUnreadable(_logger, e.Message);
        }

        return last;
    }

    private sealed record Authorities(string Pem, X509Certificate2Collection Certificates)
    {
        public static Authorities Of(string pem)
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            return new Authorities(pem, certificates);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(104, LogLevel.Warning, "The file of authorities can't be read again, the last ones stay: {Error}")]
        public static partial void AuthoritiesUnreadable(ILogger logger, string error);
    }
}
