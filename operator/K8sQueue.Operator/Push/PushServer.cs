using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using K8sQueue.Operator.Push.Backlogs;
using K8sQueue.Operator.Push.Certificates;
using K8sQueue.Operator.Push.Grpc;
using K8sQueue.Operator.Push.Protocol;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace K8sQueue.Operator.Push;

/// <summary>
/// Serves KEDA's external scaler over HTTP/2 and mutual TLS, on a port of its own, in every replica of the operator: which of them leads
/// doesn't matter here. Keeps the certificates meanwhile.
/// </summary>
internal sealed partial class PushServer(
    PushIdentity identity, ExternalScalerService scaler, BacklogSources sources, ILoggerFactory loggers, TimeProvider time, ILogger<PushServer> logger)
    : BackgroundService
{
    private const string Service = "/externalscaler.ExternalScaler/";

    // KEDA has one connection a namespace, and a stream a trigger on it.
    private const int MostStreamsPerConnection = 10_000;
    private const int MostConnections = 2_000;

    private static readonly TimeSpan Round = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StreamsEnd = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!await TryRefreshAsync(stoppingToken).ConfigureAwait(false))
                await Task.Delay(Retry, time, stoppingToken).ConfigureAwait(false);
            await using var app = Build(stoppingToken);
            await app.StartAsync(stoppingToken).ConfigureAwait(false);
            Log.Started(logger, identity.Settings.Listen.ToString(), identity.Settings.AdvertisedAddress);
            try
            {
                await KeepAsync(stoppingToken).ConfigureAwait(false);
            }
            finally
            {
                using var limit = new CancellationTokenSource(StreamsEnd, time);
                await app.StopAsync(limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
        catch
        {
            // The host ends with it, but as if it had been asked to.
            Environment.ExitCode = 1;
            throw;
        }
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Round, time, cancellationToken).ConfigureAwait(false);
            await TryRefreshAsync(cancellationToken).ConfigureAwait(false);
            await sources.CloseUnusedAsync().ConfigureAwait(false);
        }
    }

    private async Task<bool> TryRefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await identity.RefreshAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, it must not end the process.
            Log.NoCertificates(logger, PushIdentity.SecretName, e.Message);
        }

        return identity.Material is not null;
    }

    private WebApplication Build(CancellationToken stopping)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IHostLifetime, PartOfAnother>();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        var app = builder.Build();
        app.UseRouting();
        app.MapUnary(Service + "IsActive", ScaledObjectRef.Parser, (context, request, token) => scaler.IsActiveAsync(Caller(context), request, token));
        app.MapUnary(Service + "GetMetricSpec", ScaledObjectRef.Parser, (context, request, _) =>
            Task.FromResult(scaler.GetMetricSpec(Caller(context), request)));
        app.MapUnary(Service + "GetMetrics", GetMetricsRequest.Parser, (context, request, token) =>
            scaler.GetMetricsAsync(Caller(context), request, token));
        app.MapServerStreaming<ScaledObjectRef, IsActiveResponse>(Service + "StreamIsActive", ScaledObjectRef.Parser, (context, request, write, token) =>
            scaler.StreamIsActiveAsync(Caller(context), request, write, stopping, token));
        app.MapUnimplemented();
        return app;
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = GrpcMessages.LongestRequest + GrpcMessages.PrefixLength;
        kestrel.Limits.MaxConcurrentConnections = MostConnections;
        kestrel.Limits.Http2.MaxStreamsPerConnection = MostStreamsPerConnection;

        // A caller that vanished without a word would keep its streams.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        kestrel.Listen(identity.Settings.Listen, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Handshake()) });
        });
    }

    /// <summary>Of each connection anew: a renewed certificate needs no restart.</summary>
    private SslServerAuthenticationOptions Handshake() => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(identity.Material!.Server, null, offline: true),
        ClientCertificateRequired = true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => NamespaceOf(certificate as X509Certificate2) is not null,
    };

    /// <summary>The namespace that the caller's certificate is for. A connection may outlive its certificate; its calls don't.</summary>
    private string Caller(HttpContext context) =>
        NamespaceOf(context.Connection.ClientCertificate)
        ?? throw new GrpcException(GrpcStatusCode.Unauthenticated, "The client certificate is not, or no longer, good.");

    private string? NamespaceOf(X509Certificate2? certificate) => ClientMaterial.NamespaceOf(certificate, identity.Material!, time.GetUtcNow());

    /// <summary>Signals are the operator's matter.</summary>
    private sealed class PartOfAnother : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "KEDA's pushed queues are served on {Listen}, advertised as {Advertised}.")]
        public static partial void Started(ILogger logger, string listen, string advertised);

        [LoggerMessage(2, LogLevel.Warning, "The Secret {Secret} can't be kept: {Error}")]
        public static partial void NoCertificates(ILogger logger, string secret, string error);
    }
}
