using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using K8sQueue.Api.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace K8sQueue.Api.Hosting;

/// <summary>
/// The certificate of <c>Kestrel:Certificates:Default</c> where that names PEM files, which Kestrel itself reads once for the addresses that it listens on. They are
/// read again every <see cref="Interval"/>, by content, as the API's keys are, and connections that are made from then on are shown what they have. A pair that is
/// unreadable, or half of which is written, leaves the last good one in place and is logged. Where Kestrel has <c>Endpoints</c> of its own, whose certificates may be
/// others, it follows them itself, and nothing is done here.
/// </summary>
internal sealed partial class ServedCertificate : BackgroundService
{
    public static readonly TimeSpan Interval = ApiKeyRing.Interval;

    private const string Section = "Kestrel:Certificates:Default";
    private const string Endpoints = "Kestrel:Endpoints";

    private readonly string? _file;
    private readonly string? _keyFile;
    private readonly string? _password;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private byte[] _hash = [];
    private string? _lastError;
    private volatile SslStreamCertificateContext? _current;

    public ServedCertificate(IConfiguration configuration, IHostEnvironment environment, TimeProvider time, ILogger<ServedCertificate> logger)
    {
        (_time, _logger) = (time, logger);
        var settings = configuration.GetSection(Section);
        var hasEndpoints = configuration.GetSection(Endpoints).GetChildren().Any();
        if (hasEndpoints || settings["Path"] is not { Length: > 0 } file || settings["KeyPath"] is not { Length: > 0 } keyFile)
            return;
        _file = Path.Combine(environment.ContentRootPath, file);
        _keyFile = Path.Combine(environment.ContentRootPath, keyFile);
        _password = settings["Password"];
        Read(_file, _keyFile);
    }

    /// <summary>Has the server show the certificate that is good when a connection is made. A selector would do without the intermediates of the file.</summary>
    public static void Apply(KestrelServerOptions options)
    {
        var served = options.ApplicationServices.GetRequiredService<ServedCertificate>();
        if (served._file is not null)
            options.ConfigureHttpsDefaults(https => https.OnAuthenticate = (_, tls) => tls.ServerCertificateContext = served._current ?? tls.ServerCertificateContext);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_file is null || _keyFile is null)
            return;
        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Read(_file, _keyFile);
    }

    // Connections may use the one before for as long as they are there: it is left to the collector.
    private void Read(string file, string keyFile)
    {
        try
        {
            var (certificate, key) = (File.ReadAllText(file), File.ReadAllText(keyFile));
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes(certificate + key));
            if (!hash.AsSpan().SequenceEqual(_hash))
            {
                _current = Load(certificate, key);
                _hash = hash;
                var leaf = _current.TargetCertificate;
                Log.Served(_logger, leaf.Subject, leaf.NotAfter.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture));
            }

            _lastError = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            if (_lastError != e.Message)
                Log.NotRead(_logger, file, e.Message);
            _lastError = e.Message;
        }
    }

    private SslStreamCertificateContext Load(string certificate, string key)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificate);
        var leaf = string.IsNullOrEmpty(_password)
            ? X509Certificate2.CreateFromPem(certificate, key)
            : X509Certificate2.CreateFromEncryptedPem(certificate, key, _password);
        return SslStreamCertificateContext.Create(leaf, chain);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The certificate of {Subject} is shown to new connections. It is good until {NotAfter}")]
        public static partial void Served(ILogger logger, string subject, string notAfter);

        [LoggerMessage(2, LogLevel.Error, "The certificate in {File} was not read, the last good one stays: {Reason}")]
        public static partial void NotRead(ILogger logger, string file, string reason);
    }
}
