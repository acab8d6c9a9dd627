using System.Net;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Events;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace K8sQueue.Kubernetes.Tests.Events;

public sealed class EventRecorderTests : IAsyncLifetime, IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryKubernetes _kubernetes = new();
    private readonly EventRecorder _recorder;
    private readonly V1Widget _widget = new()
    {
        Metadata = new V1ObjectMeta { Name = "one", Namespace = "shop", Uid = "u", ResourceVersion = "4" },
    };

    public EventRecorderTests() => _recorder = new EventRecorder(
        _kubernetes, Options.Create(new OperatorOptions { Name = "test-operator" }), _time, NullLogger<EventRecorder>.Instance);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _recorder.StopAsync(default);

    public void Dispose() => _recorder.Dispose();

    [Fact]
    public async Task An_event_has_all_that_the_api_server_asks_for()
    {
        await _recorder.StartAsync(default);

        await _recorder.PublishAsync(_widget, "Scaled", "from 1 to 2", EventType.Warning);
        await Eventually.IsTrue(async () => (await EventsAsync()).Count == 1);

        var written = (await EventsAsync()).Single();
        written.Metadata.Namespace.Should().Be("shop");
        written.Metadata.Name.Should().StartWith("one.");
        written.EventTime.Should().Be(_time.GetUtcNow());
        written.ReportingController.Should().Be("test-operator");
        written.ReportingInstance.Should().NotBeNullOrEmpty();
        written.Action.Should().NotBeNullOrEmpty();
        written.Reason.Should().Be("Scaled");
        written.Note.Should().Be("from 1 to 2");
        written.Type.Should().Be("Warning");
        written.Series.Should().BeNull();
        written.Regarding.Should().BeEquivalentTo(new V1ObjectReference
        {
            ApiVersion = "test.io/v1",
            Kind = "Widget",
            Name = "one",
            Namespace = "shop",
            Uid = "u",
            ResourceVersion = "4",
        });
    }

    [Fact]
    public async Task Repeats_become_a_series_written_at_the_second_and_then_once_a_minute()
    {
        await _recorder.StartAsync(default);
        for (var i = 0; i < 50; i++)
            await _recorder.PublishAsync(_widget, "Waiting", "for a connection");

        // All before it have had their turn then.
        await _recorder.PublishAsync(_widget, "Connected", "at last");
        await Eventually.IsTrue(() => Calls("create") == 2);
        (await CountAsync()).Should().Be(2);
        await Eventually.IsTrue(async () =>
        {
            _time.Advance(EventWriter.SweepInterval);
            return await CountAsync() == 50;
        });

        Calls("create").Should().Be(2, "one is of the other event");
        Calls("patch").Should().Be(2);

        async Task<int> CountAsync() => (await EventsAsync()).Single(e => e.Reason == "Waiting").Series!.Count;
    }

    [Fact]
    public async Task After_six_quiet_minutes_the_same_event_is_a_new_one()
    {
        await _recorder.StartAsync(default);
        await _recorder.PublishAsync(_widget, "Waiting", "for a connection");
        await Eventually.IsTrue(() => Calls("create") == 1);

        _time.Advance(EventWriter.SeriesEnd + TimeSpan.FromSeconds(1));
        await _recorder.PublishAsync(_widget, "Waiting", "for a connection");

        await Eventually.IsTrue(() => Calls("create") == 2);
    }

    [Fact]
    public async Task A_full_queue_drops_and_never_waits()
    {
        // Nobody reads: the service is not started.
        for (var i = 0; i < EventRecorder.Capacity + 500; i++)
            _recorder.PublishAsync(_widget, "Scaled", $"{i}").IsCompletedSuccessfully.Should().BeTrue();

        await _recorder.StartAsync(default);

        await Eventually.IsTrue(() => Calls("create") == EventRecorder.Capacity);
        Calls("create").Should().Be(EventRecorder.Capacity);
    }

    [Fact]
    public async Task An_event_that_the_server_refuses_does_not_stop_the_next()
    {
        await _recorder.StartAsync(default);
        var refused = new TaskCompletionSource();
        _kubernetes.BeforeCall = _ =>
        {
            refused.TrySetResult();
            throw new KubernetesApiException(HttpStatusCode.Forbidden, "Forbidden", "no");
        };
        await _recorder.PublishAsync(_widget, "Scaled", "one");
        await Eventually.IsTrue(() => refused.Task.IsCompleted);
        _kubernetes.BeforeCall = _ => Task.CompletedTask;

        await _recorder.PublishAsync(_widget, "Scaled", "two");

        await Eventually.IsTrue(async () => (await EventsAsync()).SingleOrDefault()?.Note == "two");
    }

    [Fact]
    public async Task A_long_message_and_a_cluster_scoped_object_are_made_to_fit()
    {
        await _recorder.StartAsync(default);
        var node = new V1Node { Metadata = new V1ObjectMeta { Name = "node-1", Uid = "n" } };

        await _recorder.PublishAsync(node, "Lost", new string('x', 5000));
        await Eventually.IsTrue(async () => (await EventsAsync()).Count == 1);

        var written = (await EventsAsync()).Single();
        written.Note!.Length.Should().Be(1024);
        written.Metadata.Namespace.Should().Be("default");
        written.Regarding!.Kind.Should().Be("Node");
        written.Regarding.ApiVersion.Should().Be("v1");
    }

    private int Calls(string verb) => _kubernetes.Calls.Count(c => c.StartsWith(verb, StringComparison.Ordinal));

    private async Task<IReadOnlyList<V1Event>> EventsAsync()
    {
        var events = await _kubernetes.ListAsync<V1Event>(null, null, default);
        return events.Items;
    }
}
