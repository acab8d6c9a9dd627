using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using K8sQueue.Kubernetes.Authentication;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Kubernetes.Tests.Fakes;

/// <summary>An API server by script: each request takes the next answer written down for its method and path; the last one stays.</summary>
public sealed class FakeApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Func<HttpContext, Task>>> _answers = new();

    private FakeApiServer(X509Certificate2? certificate, X509Certificate2? clientCertificateAuthority)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is null)
                return;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                https.ClientCertificateMode = clientCertificateAuthority is null ? ClientCertificateMode.NoCertificate : ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (presented, _, _) => presented.Issuer == clientCertificateAuthority?.Subject;
            });
        }));
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    public ConcurrentQueue<RecordedRequest> Requests { get; } = new();

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/");

    public static async Task<FakeApiServer> StartAsync(X509Certificate2? certificate = null, X509Certificate2? clientCertificateAuthority = null)
    {
        var server = new FakeApiServer(certificate, clientCertificateAuthority);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Writes down answers for a method and path (without query).</summary>
    public FakeApiServer On(string method, string path, params Func<HttpContext, Task>[] answers)
    {
        var queue = _answers.GetOrAdd($"{method} {path}", _ => new ConcurrentQueue<Func<HttpContext, Task>>());
        foreach (var answer in answers)
            queue.Enqueue(answer);
        return this;
    }

    public KubernetesClient CreateClient(Action<KubernetesClientOptions>? configure = null, ICredentialSource? credentials = null, TimeProvider? time = null)
    {
        var options = new KubernetesClientOptions
        {
            Configuration = new KubernetesClientConfiguration { Server = Address, Credentials = credentials ?? AnonymousCredentials.Instance },
        };
        options.JsonContexts.Add(TestJsonContext.Default);
        configure?.Invoke(options);
        return new KubernetesClient(options, time);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = context.Request;
        Requests.Enqueue(new RecordedRequest(
            request.Method,
            request.Path,
            request.Query.ToDictionary(q => q.Key, q => q.Value.ToString()),
            request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString()),
            await reader.ReadToEndAsync(context.RequestAborted),
            request.Protocol));
        if (!_answers.TryGetValue($"{request.Method} {request.Path}", out var queue) || !queue.TryPeek(out var answer))
        {
            await Answers.Status(404, "NotFound", $"no answer for {request.GetDisplayUrl()}")(context);
            return;
        }

        if (queue.Count > 1)
            queue.TryDequeue(out answer);
        await answer!(context);
    }
}

public sealed record RecordedRequest(
    string Method,
    string Path,
    IReadOnlyDictionary<string, string> Query,
    IReadOnlyDictionary<string, string> Headers,
    string Body,
    string Protocol)
{
    public string? Parameter(string name) => Query.GetValueOrDefault(name);
}
