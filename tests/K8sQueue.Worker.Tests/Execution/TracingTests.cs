using System.Collections.Concurrent;
using System.Diagnostics;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Handlers.Http;
using K8sQueue.Worker.Telemetry;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Execution;

public sealed class TracingTests : IDisposable
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string Producer = $"00-{TraceId}-b7ad6b7169203331-01";

    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    // Other tests' workers have spans too; those of this producer are this test's.
    public TracingTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WorkerTracing.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId.ToHexString() == TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Each_attempt_is_a_span_under_the_producers_and_linked_to_it()
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler(
            "t", (context, _) => context.Attempt == 1 ? throw new InvalidOperationException("boom") : Task.CompletedTask));

        var id = await EnqueueAsync(worker);

        await worker.EndOfAsync(id);
        await Eventually.IsTrue(() => _ended.Count == 2);
        _ended.Should().OnlyContain(span => span.DisplayName == "process q" && span.Kind == ActivityKind.Consumer
            && span.TraceId.ToHexString() == TraceId && span.ParentSpanId.ToHexString() == "b7ad6b7169203331"
            && span.Links.Single().Context.SpanId.ToHexString() == "b7ad6b7169203331");
        var (first, second) = (_ended.First(), _ended.Last());
        first.Status.Should().Be(ActivityStatusCode.Error);
        first.GetTagItem("error.type").Should().Be("System.InvalidOperationException");
        second.Status.Should().Be(ActivityStatusCode.Unset);
        second.TagObjects.Should().Contain(
            [
                new("messaging.system", "k8squeue"), new("messaging.operation.type", "process"), new("messaging.destination.name", "q"),
                new("messaging.message.id", id.Value), new("k8squeue.job.type", "t"), new("k8squeue.job.attempt", 2),
                new("k8squeue.job.fencing_token", 2L),
            ]);
    }

    [Fact]
    public async Task The_attempts_own_span_is_handed_on_by_http()
    {
        await using var target = await HttpTarget.StartAsync(_ => Task.CompletedTask);
        await using var worker = await TestWorker.StartAsync(w => w.AddHttpHandler("t", new HttpHandlerOptions { Url = target.Url }));

        await worker.EndOfAsync(await EnqueueAsync(worker));

        await Eventually.IsTrue(() => _ended.Count == 1);
        target.Requests.Single().Headers["traceparent"].Should().Be($"00-{TraceId}-{_ended.Single().SpanId.ToHexString()}-01");
    }

    [Fact]
    public void The_log_scope_has_the_job_and_its_trace()
    {
        var job = new JobEnvelope
        {
            Id = JobId.Create("q", tracked: false, TimeProvider.System),
            Type = "t",
            Payload = default,
            Retry = RetryPolicy.Default,
            Attempt = 3,
            TraceParent = Producer,
        };

        new JobLogScope(job).Should().Equal(
            new("JobId", job.Id.Value), new("JobType", "t"), new("Queue", "q"), new("Attempt", 3), new("TraceId", TraceId));
        new JobLogScope(job with { TraceParent = null })[4].Value.Should().BeNull();
    }

    private static async Task<JobId> EnqueueAsync(TestWorker worker) => (await worker.Broker.Inner.EnqueueAsync(
        [
            new JobRequest
            {
                Queue = TestWorker.Queue, Type = "t", Tracked = true, TraceParent = Producer, Retry = new RetryPolicy { Delay = TimeSpan.Zero },
            },
        ],
        CancellationToken.None))[0];
}
