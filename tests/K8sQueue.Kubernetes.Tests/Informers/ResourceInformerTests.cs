using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Kubernetes.Tests.Informers;

public sealed class ResourceInformerTests : IAsyncLifetime, IDisposable
{
    private static readonly Func<HttpContext, Task> Forbidden =
        Answers.Status(403, "Forbidden", "User \"operator\" cannot list resource \"widgets\" in API group \"test.io\"");

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _changes = new();
    private FakeApiServer _server = null!;
    private Task _running = Task.CompletedTask;

    public async Task InitializeAsync() => _server = await FakeApiServer.StartAsync();

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _server.DisposeAsync();
    }

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task It_lists_from_any_state_and_watches_from_the_lists_version()
    {
        _server.On("GET", V1Widget.Path,
            Answers.List("5", null, Answers.Widget("a", "1")),
            Answers.OpenWatch(Answers.Event("ADDED", Answers.Widget("b", "6")), Answers.Event("DELETED", Answers.Widget("a", "7"))));

        var informer = Start();
        await informer.WaitForSyncAsync(default);
        await Eventually.IsTrue(() => _changes.Count == 3);

        _changes.Should().Equal("+a@1", "+b@6", "-a@7");
        informer.Store.List().Select(w => w.Metadata.Name).Should().Equal("b");
        _server.Requests.Select(r => r.Parameter("resourceVersion")).Should().Equal("0", "5");
        int.Parse(_server.Requests.Last().Parameter("timeoutSeconds")!, null).Should().BeInRange(300, 600);
    }

    [Fact]
    public async Task A_watch_goes_on_from_the_last_event_or_bookmark_without_a_list()
    {
        _server.On("GET", V1Widget.Path,
            Answers.List("5", null),
            Answers.Watch(Answers.Event("ADDED", Answers.Widget("a", "6"))),
            Answers.Watch(Answers.Bookmark("9")),
            Answers.OpenWatch());

        Start();
        await Eventually.IsTrue(() => _server.Requests.Count >= 4);

        _server.Requests.Take(4).Select(r => r.Parameter("resourceVersion")).Should().Equal("0", "5", "6", "9");
        _changes.Should().Equal("+a@6");
    }

    [Fact]
    public async Task A_410_lists_again_and_shows_what_was_missed_deletes_and_remade_objects_among_it()
    {
        _server.On("GET", V1Widget.Path,
            Answers.List("5", null, Answers.Widget("gone", "1"), Answers.Widget("same", "2"), Answers.Widget("changed", "3"), Answers.Widget("remade", "4", uid: "old")),
            Answers.Watch(Answers.Expired()),
            Answers.List("20", null, Answers.Widget("same", "2"), Answers.Widget("changed", "15"), Answers.Widget("remade", "16", uid: "new"), Answers.Widget("new", "17")),
            Answers.OpenWatch());

        Start();
        await Eventually.IsTrue(() => _server.Requests.Count >= 4);

        _server.Requests.Take(4).Select(r => (r.Parameter("watch"), r.Parameter("resourceVersion")))
            .Should().Equal((null, "0"), ("true", "5"), (null, "5"), ("true", "20"));
        _server.Requests.ElementAt(2).Query.Should().NotContainKey("limit", "a list at a version is only served from the cache unpaged");
        _changes.Skip(4).Should().BeEquivalentTo("-gone@1 missed", "~changed@15 missed", "-remade@4 missed", "+remade@16", "+new@17");
    }

    [Fact]
    public async Task A_list_at_a_version_that_expired_too_becomes_a_consistent_read()
    {
        _server.On("GET", V1Widget.Path,
            Answers.List("5", null),
            Answers.Status(410, "Expired", "too old"),
            Answers.Status(410, "Expired", "too old"),
            Answers.List("20", null),
            Answers.OpenWatch());

        Start();
        await Eventually.IsTrue(() => _server.Requests.Count >= 5);

        _server.Requests.Take(5).Select(r => r.Parameter("resourceVersion")).Should().Equal("0", "5", "5", null, "20");
        _server.Requests.ElementAt(3).Parameter("limit").Should().Be("500");
    }

    [Fact]
    public async Task A_busy_server_is_watched_again_later_without_a_list()
    {
        _server.On("GET", V1Widget.Path,
            Answers.List("5", null),
            Answers.Status(429, "TooManyRequests", "busy"),
            Answers.OpenWatch(Answers.Event("ADDED", Answers.Widget("a", "6"))));

        Start();
        await Eventually.IsTrue(() => _changes.Count == 1);

        _server.Requests.Count(r => r.Parameter("watch") is null).Should().Be(1);
    }

    [Fact]
    public async Task A_server_that_asks_for_an_hours_patience_gets_a_minute()
    {
        _server.On("GET", V1Widget.Path,
            Answers.List("5", null),
            Answers.Status(429, "TooManyRequests", "busy", retryAfter: 3600),
            Answers.OpenWatch());
        var time = new ManualTimeProvider();

        Start(time: time);
        await Eventually.IsTrue(() => time.ActiveTimers == 1 && _server.Requests.Count == 2);
        time.Advance(TimeSpan.FromSeconds(59));
        time.ActiveTimers.Should().Be(1);
        time.Advance(TimeSpan.FromSeconds(1));

        await Eventually.IsTrue(() => _server.Requests.Count == 3);
    }

    [Fact]
    public async Task A_torn_watch_goes_on_where_it_was()
    {
        var line = Answers.Event("ADDED", Answers.Widget("a", "6"));
        _server.On("GET", V1Widget.Path, Answers.List("5", null), Answers.TornWatch(line + "\n" + line[..30], Eventually.IsTrue(() => _changes.Count == 1)), Answers.OpenWatch(Answers.Event("ADDED", Answers.Widget("b", "7"))));

        Start();
        await Eventually.IsTrue(() => _changes.Count == 2);

        _changes.Should().Equal("+a@6", "+b@7");
        _server.Requests.Last().Parameter("resourceVersion").Should().Be("6");
    }

    [Fact]
    public async Task Watches_that_end_at_once_are_slowed_down()
    {
        _server.On("GET", V1Widget.Path, Answers.List("5", null), Answers.Watch());
        var time = new ManualTimeProvider();

        Start(time: time);
        await Eventually.IsTrue(() => time.ActiveTimers == 1 && _server.Requests.Count == 2);

        // A busy machine may see one more between two looks.
        await AdvanceUntilAsync(time, () => _server.Requests.Count >= 3);
    }

    [Fact]
    public async Task An_optional_kind_that_is_absent_counts_as_synced_and_starts_once_it_is_served()
    {
        var time = new ManualTimeProvider();
        var served = new ConcurrentQueue<bool>();
        _server.On("GET", V1Widget.Path,
            NotServed, NotServed, Answers.List("5", null, Answers.Widget("a", "1")), Answers.OpenWatch());

        var informer = Start(o => o.Optional = true, time);
        informer.SubscribeServed(served.Enqueue);
        await informer.WaitForSyncAsync(default);
        informer.IsServed.Should().BeFalse();
        informer.Store.List().Should().BeEmpty();
        foreach (var requests in new[] { 1, 2 })
        {
            await Eventually.IsTrue(() => _server.Requests.Count == requests && time.ActiveTimers == 1);
            time.Advance(TimeSpan.FromSeconds(10));
        }

        await Eventually.IsTrue(() => _changes.Count == 1);

        informer.IsServed.Should().BeTrue();
        served.Last().Should().BeTrue();
    }

    [Fact]
    public async Task An_optional_kind_that_goes_takes_its_objects_with_it()
    {
        _server.On("GET", V1Widget.Path, Answers.List("5", null, Answers.Widget("a", "1")), NotServed);

        var informer = Start(o => o.Optional = true);
        await Eventually.IsTrue(() => _changes.Count == 2);

        _changes.Should().Equal("+a@1", "-a@1 missed");
        informer.IsServed.Should().BeFalse();
    }

    [Fact]
    public async Task An_optional_kind_that_may_not_be_listed_counts_as_synced_with_the_refusal_and_starts_once_it_may()
    {
        var time = new ManualTimeProvider();
        _server.On("GET", V1Widget.Path, Forbidden, Answers.List("5", null, Answers.Widget("a", "1")), Answers.OpenWatch());

        var informer = Start(o => o.Optional = true, time);
        await informer.WaitForSyncAsync(default).WaitAsync(TimeSpan.FromSeconds(10), _stop.Token);
        informer.IsServed.Should().BeFalse();
        informer.RefusalIn("shop").Should().Contain("cannot list resource \"widgets\"");
        await Eventually.IsTrue(() => time.ActiveTimers == 1);
        time.Advance(TimeSpan.FromSeconds(10));
        await Eventually.IsTrue(() => _changes.Count == 1);

        informer.IsServed.Should().BeTrue();
        informer.RefusalIn("shop").Should().BeNull();
    }

    [Fact]
    public async Task A_kind_that_may_not_be_listed_any_more_keeps_what_is_known()
    {
        var time = new ManualTimeProvider();
        _server.On("GET", V1Widget.Path, Answers.List("5", null, Answers.Widget("a", "1")), Answers.Watch(Answers.Expired()), Forbidden, Answers.List("9", null, Answers.Widget("a", "8")), Answers.OpenWatch());

        var informer = Start(o => o.Optional = true, time);
        await AdvanceUntilAsync(time, () => _changes.Count == 2);

        informer.IsServed.Should().BeTrue();
        _changes.Should().Equal("+a@1", "~a@8 missed");
    }

    [Fact]
    public async Task What_may_be_listed_can_differ_from_namespace_to_namespace()
    {
        const string other = "/apis/test.io/v1/namespaces/other/widgets";
        _server.On("GET", V1Widget.ShopPath, Forbidden);
        _server.On("GET", other, Answers.List("6", null), Answers.OpenWatch());

        var informer = Start(o => (o.Namespaces, o.Optional) = (["shop", "other"], true), new ManualTimeProvider());
        await informer.WaitForSyncAsync(default);

        informer.IsServedIn("shop").Should().BeFalse();
        informer.RefusalIn("shop").Should().NotBeNull();
        informer.IsServedIn("other").Should().BeTrue();
        informer.RefusalIn("other").Should().BeNull();
    }

    [Fact]
    public async Task A_kind_that_must_be_there_is_not_synced_while_it_is_absent_and_syncs_when_it_comes()
    {
        var time = new ManualTimeProvider();
        _server.On("GET", V1Widget.Path, NotServed, Answers.List("5", null), Answers.OpenWatch());

        var informer = Start(time: time);
        await Eventually.IsTrue(() => _server.Requests.Count == 1 && time.ActiveTimers == 1);
        informer.HasSynced.Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(1));

        await informer.WaitForSyncAsync(default).WaitAsync(TimeSpan.FromSeconds(10), _stop.Token);
    }

    [Fact]
    public async Task Each_namespace_is_watched_by_itself_and_a_list_of_one_leaves_the_others_alone()
    {
        const string other = "/apis/test.io/v1/namespaces/other/widgets";
        _server.On("GET", V1Widget.ShopPath, Answers.List("5", null, Answers.Widget("a", "1")), Answers.Watch(Answers.Expired()), Answers.List("9", null), Answers.OpenWatch());
        _server.On("GET", other, Answers.List("6", null, Answers.Widget("b", "2").Replace("shop", "other", StringComparison.Ordinal)), Answers.OpenWatch());

        var informer = Start(o => o.Namespaces = ["shop", "other"]);
        await informer.WaitForSyncAsync(default);
        await Eventually.IsTrue(() => _changes.Count == 3);

        _changes.Should().Contain("-a@1 missed");
        informer.Store.List().Select(w => w.Key().ToString()).Should().Equal("other/b");
        _server.Requests.Should().OnlyContain(r => r.Path == V1Widget.ShopPath || r.Path == other, "nothing is asked of the whole cluster");
    }

    [Fact]
    public async Task A_handler_that_throws_disturbs_nobody_and_a_late_one_is_told_what_there_is()
    {
        _server.On("GET", V1Widget.Path, Answers.List("5", null, Answers.Widget("a", "1")), Answers.OpenWatch());
        var informer = Create();
        informer.Subscribe(_ => throw new InvalidOperationException("broken"));
        informer.Subscribe(Record);
        _running = informer.RunAsync(_stop.Token);
        await informer.WaitForSyncAsync(default);

        informer.Subscribe(Record);

        _changes.Should().Equal("+a@1", "+a@1");
    }

    [Fact]
    public async Task A_transform_decides_what_is_kept_of_listed_and_of_watched_objects()
    {
        var annotated = Answers.Widget("a", "1").Replace("\"name\"", $"\"annotations\":{{\"{ObjectTransforms.LastApplied}\":\"all of it\",\"mine\":\"x\"}},\"name\"", StringComparison.Ordinal);
        var added = annotated.Replace("\"a\"", "\"b\"", StringComparison.Ordinal);
        _server.On("GET", V1Widget.Path, Answers.List("5", null, annotated), Answers.OpenWatch(Answers.Event("ADDED", added), Answers.Bookmark("9")));

        var informer = Start(o => o.Transform = ObjectTransforms.DropLastApplied);
        await Eventually.IsTrue(() => _changes.Count == 2);

        informer.Store.List().Select(w => w.Metadata.Name).Should().BeEquivalentTo("a", "b");
        informer.Store.List().Should().OnlyContain(w => w.Metadata.Annotations!.Keys.Single() == "mine");
    }

    /// <summary>The timer that is there may be a request's own: one step of the clock can come before the delay that it is meant for.</summary>
    private static Task AdvanceUntilAsync(ManualTimeProvider time, Func<bool> condition) => Eventually.IsTrue(() =>
    {
        time.Advance(TimeSpan.FromSeconds(1));
        return condition();
    });

    private static Task NotServed(HttpContext context)
    {
        context.Response.StatusCode = 404;
        return context.Response.WriteAsync("404 page not found\n", context.RequestAborted);
    }

    private void Record(ResourceChange<V1Widget> change)
    {
        var sign = change switch { { Old: null } => "+", { New: null } => "-", _ => "~" };
        _changes.Enqueue($"{sign}{change.Latest.Metadata.Name}@{change.Latest.Metadata.ResourceVersion}{(change.IsMissed ? " missed" : "")}");
    }

    private ResourceInformer<V1Widget> Create(Action<InformerOptions<V1Widget>>? configure = null, TimeProvider? time = null)
    {
        var options = new InformerOptions<V1Widget>();
        configure?.Invoke(options);
        return new ResourceInformer<V1Widget>(
            _server.CreateClient(), options, time ?? TimeProvider.System, NullLogger<ResourceInformer<V1Widget>>.Instance);
    }

    private ResourceInformer<V1Widget> Start(Action<InformerOptions<V1Widget>>? configure = null, TimeProvider? time = null)
    {
        var informer = Create(configure, time);
        informer.Subscribe(Record);
        _running = informer.RunAsync(_stop.Token);
        return informer;
    }
}
