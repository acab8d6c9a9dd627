using K8sQueue.Client;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Client;

/// <summary>The client as a producer gets it, with what it sends remembered, and answers that can be lost.</summary>
internal sealed class ClientUnderTest : IDisposable
{
    private readonly ServiceProvider _services;

    public ClientUnderTest(KestrelApi api, Action<K8sQueueClientOptions>? configure = null, TimeProvider? time = null)
        : this(
            options =>
            {
                options.Address = api.Address;
                options.ApiKey = api.Secret;
                configure?.Invoke(options);
            },
            time)
    {
    }

    public ClientUnderTest(Action<K8sQueueClientOptions> configure, TimeProvider? time = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(time ?? TimeProvider.System);
        services
            .AddK8sQueueClient(options =>
            {
                options.RetryDelay = TimeSpan.FromMilliseconds(10);
                configure(options);
            })
            .AddHttpMessageHandler(() => new Recorder(this));
        _services = services.BuildServiceProvider();
        Client = _services.GetRequiredService<K8sQueueClient>();
    }

    public K8sQueueClient Client { get; }

    /// <summary>Requests in order: method, path, idempotency key.</summary>
    public List<(string Method, string Path, string? Key)> Sent { get; } = [];

    /// <summary>How many answers are lost from now on: the API does what it is asked to, and the client never hears of it.</summary>
    public int AnswersToLose { get; set; }

    public void Dispose() => _services.Dispose();

    private sealed class Recorder(ClientUnderTest owner) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var key = request.Headers.TryGetValues("Idempotency-Key", out var values) ? values.Single() : null;
            owner.Sent.Add((request.Method.Method, request.RequestUri!.AbsolutePath, key));
            var response = await base.SendAsync(request, cancellationToken);
            if (owner.AnswersToLose == 0)
                return response;
            owner.AnswersToLose--;
            response.Dispose();
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The answer was lost.");
        }
    }
}
