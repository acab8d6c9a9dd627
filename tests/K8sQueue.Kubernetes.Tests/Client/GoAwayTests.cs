using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Kubernetes.Tests.Client;

public sealed class GoAwayTests : IDisposable
{
    private readonly X509Certificate2 _authority = TestCertificates.Authority("cluster-ca");
    private readonly X509Certificate2 _certificate;
    private readonly ManualTimeProvider _time = new();

    public GoAwayTests() => _certificate = TestCertificates.Leaf(_authority, "server", "127.0.0.1");

    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task A_watch_that_falls_silent_after_a_goaway_is_ended_half_a_minute_after_its_own_time_and_done_again()
    {
        await using var server = Server(
            new Http2ApiServer.Answer("""{"metadata":{"resourceVersion":"5"},"items":[]}""", Ends: true, GoesAway: true),
            new Http2ApiServer.Answer(Answers.Event("ADDED", Answers.Widget("a", "6")) + "\n", Ends: false, GoesAway: true),
            new Http2ApiServer.Answer(Answers.Event("ADDED", Answers.Widget("b", "7")) + "\n", Ends: false));
        using var client = Client(server);
        var seen = new ConcurrentQueue<string?>();
        var informer = new ResourceInformer<V1Widget>(
            client, new InformerOptions<V1Widget>(), _time, NullLogger<ResourceInformer<V1Widget>>.Instance);
        informer.Subscribe(change => seen.Enqueue(change.Latest.Metadata.Name));
        using var stop = new CancellationTokenSource();
        var running = informer.RunAsync(stop.Token);
        await Eventually.IsTrue(() => seen.Count == 1);

        // No watch may be given up before its own time and the grace are over, and none is kept longer.
        _time.Advance(TimeSpan.FromSeconds(329));
        server.Connections.Should().Be(2);
        _time.Advance(TimeSpan.FromSeconds(302));
        await Eventually.IsTrue(() => _time.ActiveTimers > 0);
        await Eventually.IsTrue(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return seen.Count == 2;
        });

        seen.Should().Equal("a", "b");
        server.Connections.Should().BeGreaterThanOrEqualTo(3);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_list_that_stops_in_its_middle_is_given_up_at_its_deadline()
    {
        await using var server = Server(new Http2ApiServer.Answer("""{"metadata":{"resourceVersion":"5"},"items":[""", Ends: false, GoesAway: true));
        using var client = Client(server);
        var list = client.ListAsync<V1Widget>("shop", null, default);
        await Eventually.IsTrue(() => server.Answered == 1);

        await Eventually.IsTrue(() =>
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            return list.IsCompleted;
        });

        var failure = () => list;
        await failure.Should().ThrowAsync<KubernetesApiException>().WithMessage("*no answer within 120 s*");
    }

    [Fact]
    public async Task A_get_that_hangs_is_given_up_at_its_deadline_and_the_next_call_takes_another_connection()
    {
        await using var server = Server(
            new Http2ApiServer.Answer("", Ends: false, GoesAway: true), new Http2ApiServer.Answer(Answers.Widget("one", "1"), Ends: true));
        using var client = Client(server);
        var get = client.GetAsync<V1Widget>("one", "shop", default);
        await Eventually.IsTrue(() => server.Answered == 1);

        _time.Advance(TimeSpan.FromSeconds(31));

        var failure = () => get;
        await failure.Should().ThrowAsync<KubernetesApiException>().WithMessage("*no answer within 30 s*");
        (await client.GetAsync<V1Widget>("one", "shop", default))!.Metadata.Name.Should().Be("one");
    }

    // The n-th connection gets the n-th answer; each connection takes one request only, as after a GOAWAY.
    private Http2ApiServer Server(params Http2ApiServer.Answer[] answers) => new(_certificate, number => answers[Math.Min(number, answers.Length) - 1]);

    private KubernetesClient Client(Http2ApiServer server)
    {
        var options = new KubernetesClientOptions
        {
            Configuration = new KubernetesClientConfiguration { Server = server.Address, CertificateAuthorities = [_authority] },
        };
        options.JsonContexts.Add(TestJsonContext.Default);
        return new KubernetesClient(options, _time);
    }
}
