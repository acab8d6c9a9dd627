using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Kubernetes.Tests.Client;

public class KubernetesClientWatchTests
{
    private static readonly WatchOptions FromOne = new() { ResourceVersion = "1", Timeout = TimeSpan.FromSeconds(300) };

    [Fact]
    public async Task Events_come_in_order_and_the_request_asks_for_bookmarks_and_an_end()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", V1Widget.ShopPath, Answers.Watch(
            Answers.Event("ADDED", Answers.Widget("a", "2")),
            Answers.Event("MODIFIED", Answers.Widget("a", "3", size: 5)),
            Answers.Bookmark("4"),
            Answers.Event("DELETED", Answers.Widget("a", "5"))));
        using var client = server.CreateClient();

        var events = await client.WatchAsync<V1Widget>("shop", FromOne, default).ToListAsync();

        events.Select(e => (e.Type, e.Object.Metadata.ResourceVersion)).Should().Equal(
            (WatchEventType.Added, "2"), (WatchEventType.Modified, "3"), (WatchEventType.Bookmark, "4"), (WatchEventType.Deleted, "5"));
        events[1].Object.Spec.Size.Should().Be(5);
        server.Requests.Single().Query.Should().Contain("watch", "true").And.Contain("allowWatchBookmarks", "true")
            .And.Contain("resourceVersion", "1").And.Contain("timeoutSeconds", "300");
    }

    [Fact]
    public async Task An_object_that_nests_as_deep_as_the_server_lets_it_is_an_event_like_others()
    {
        await using var server = await FakeApiServer.StartAsync();
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 9990)) + "1" + new string('}', 9990);
        server.On("GET", V1Widget.Path, Answers.Watch(
            $$"""{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"2"},"spec":{"size":7,"deep":{{deep}}} } }"""));
        using var client = server.CreateClient();

        var events = await client.WatchAsync<V1Widget>(null, FromOne, default).ToListAsync();

        events.Should().ContainSingle().Which.Object.Spec.Size.Should().Be(7);
    }

    [Fact]
    public async Task An_event_larger_than_any_buffer_arrives_whole_whatever_the_order_of_its_fields()
    {
        await using var server = await FakeApiServer.StartAsync();
        var label = new string('x', 300_000);
        server.On("GET", V1Widget.Path, Answers.Watch(
            $$"""{"object":{"metadata":{"name":"a","labels":{"l":"{{label}}" },"resourceVersion":"2"},"spec":{"size":7} },"type":"ADDED"}"""));
        using var client = server.CreateClient();

        var change = (await client.WatchAsync<V1Widget>(null, FromOne, default).ToListAsync()).Single();

        change.Type.Should().Be(WatchEventType.Added);
        change.Object.Label("l").Should().Be(label);
        change.Object.Spec.Size.Should().Be(7);
    }

    [Fact]
    public async Task A_connection_that_breaks_ends_the_watch_and_the_torn_line_is_dropped()
    {
        await using var server = await FakeApiServer.StartAsync();
        var line = Answers.Event("ADDED", Answers.Widget("a", "2"));
        var seen = new TaskCompletionSource();
        server.On("GET", V1Widget.Path, Answers.TornWatch(line + "\n" + line[..20], seen.Task));
        using var client = server.CreateClient();
        var events = 0;

        await foreach (var _ in client.WatchAsync<V1Widget>(null, FromOne, default))
        {
            events++;
            seen.SetResult();
        }

        events.Should().Be(1);
    }

    [Fact]
    public async Task An_error_event_is_an_exception_with_the_servers_code()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", V1Widget.Path, Answers.Watch(Answers.Event("ADDED", Answers.Widget("a", "2")), Answers.Expired()));
        using var client = server.CreateClient();
        var seen = 0;

        var watch = async () =>
        {
            await foreach (var _ in client.WatchAsync<V1Widget>(null, FromOne, default))
                seen++;
        };

        (await watch.Should().ThrowAsync<KubernetesApiException>()).Which.IsExpired.Should().BeTrue();
        seen.Should().Be(1);
    }

    [Fact]
    public async Task A_watch_that_outlives_its_time_out_by_thirty_seconds_is_taken_for_dead()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", V1Widget.Path, Answers.OpenWatch(Answers.Event("ADDED", Answers.Widget("a", "2"))));
        var time = new ManualTimeProvider();
        using var client = server.CreateClient(time: time);
        var events = client.WatchAsync<V1Widget>(null, FromOne, default).GetAsyncEnumerator();
        (await events.MoveNextAsync()).Should().BeTrue();
        var next = events.MoveNextAsync().AsTask();

        time.Advance(TimeSpan.FromSeconds(329));
        next.IsCompleted.Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(2));

        var failure = () => next;
        (await failure.Should().ThrowAsync<KubernetesApiException>()).WithMessage("*330*");
        await events.DisposeAsync();
    }

    [Fact]
    public async Task A_watch_whose_headers_do_not_come_fails_at_the_deadline_of_a_call()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", V1Widget.Path, Answers.Forever);
        var time = new ManualTimeProvider();
        using var client = server.CreateClient(o => o.RequestTimeout = TimeSpan.FromSeconds(30), time: time);
        var watch = client.WatchAsync<V1Widget>(null, FromOne, default).ToListAsync().AsTask();
        await Eventually.IsTrue(() => !server.Requests.IsEmpty);

        time.Advance(TimeSpan.FromSeconds(31));

        var failure = () => watch;
        await failure.Should().ThrowAsync<KubernetesApiException>();
    }

    [Fact]
    public async Task Cancelling_a_watch_is_no_failure_of_the_server()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", V1Widget.Path, Answers.OpenWatch(Answers.Event("ADDED", Answers.Widget("a", "2"))));
        using var client = server.CreateClient();
        using var cancellation = new CancellationTokenSource();

        var watch = async () =>
        {
            await foreach (var _ in client.WatchAsync<V1Widget>(null, FromOne, cancellation.Token))
                await cancellation.CancelAsync();
        };

        await watch.Should().ThrowAsync<OperationCanceledException>();
    }
}
