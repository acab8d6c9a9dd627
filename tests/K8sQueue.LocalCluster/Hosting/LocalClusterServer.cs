using System.Net;
using System.Security.Cryptography.X509Certificates;
using K8sQueue.LocalCluster.Admission;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Http;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace K8sQueue.LocalCluster.Hosting;

/// <summary>LocalCluster, a stand-in for development and CI: the API server on loopback, and whatever services are added to it.</summary>
public sealed class LocalClusterServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ApiServerOptions _options;
    private readonly X509Certificate2 _certificate;

    private LocalClusterServer(WebApplication app, ApiServerOptions options, X509Certificate2 certificate)
    {
        _app = app;
        _options = options;
        _certificate = certificate;
    }

    public IClusterApi Api => _app.Services.GetRequiredService<IClusterApi>();

    /// <summary>What clients trust, without its key.</summary>
    public X509Certificate2 Certificate => X509CertificateLoader.LoadCertificate(_certificate.RawData);

    public IServiceProvider Services => _app.Services;

    /// <summary>https://127.0.0.1:PORT, once it is started.</summary>
    public string Url =>
        _app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static LocalClusterServer Build(
        ApiServerOptions options, Action<IServiceCollection>? services = null, LogLevel minimum = LogLevel.Warning)
    {
        var certificate = ServerCertificate.Create(TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders()
            .AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(minimum)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificate);
            });
        });
        builder.Services.AddSingleton<IValidationRuleSource, OperatorValidationRules>();
        builder.Services.AddApiServer(options);
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseApiServer();
        return new LocalClusterServer(app, options, certificate);
    }

    public Task StartAsync(CancellationToken cancellationToken = default) => _app.StartAsync(cancellationToken);

    public void WriteKubeconfig(string path) => KubeconfigFile.Write(path, Url, _certificate, _options.Token);

    /// <summary>Ends when the process is asked to (SIGTERM, Ctrl-C).</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken = default) => _app.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _certificate.Dispose();
    }
}
