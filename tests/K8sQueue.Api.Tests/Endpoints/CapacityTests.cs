using System.Net;
using System.Text.Json;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class CapacityTests
{
    private const string Capacity = "/v1/queues/emails/capacity";

    [Fact]
    public async Task Of_a_queue_that_nobody_worked_on_nothing_is_said_but_its_name()
    {
        await using var api = new TestApi();

        var capacity = await (await api.Client().GetAsync(Capacity)).ShouldBeAsync(HttpStatusCode.OK);

        capacity.EnumerateObject().Select(member => member.Name).Should().Equal("queue");
        capacity.GetProperty("queue").GetString().Should().Be("emails");
    }

    [Fact]
    public async Task Arrivals_durations_slots_and_the_recommendation_are_shown()
    {
        var time = new ManualTimeProvider();
        await using var api = new TestApi(new InMemoryJobQueue(time: time));
        await CapacityHistory.MakeAsync(api.Queue, "emails", time);

        var capacity = await (await api.Client().GetAsync(Capacity)).ShouldBeAsync(HttpStatusCode.OK);

        Figure(capacity, "arrivals", "perSecond").Should().Be(2);
        Figure(capacity, "arrivals", "peakPerSecond").Should().Be(2);
        Figure(capacity, "durationSeconds", "mean").Should().Be(4);
        Figure(capacity, "durationSeconds", "p95").Should().BeInRange(3.2, 5);
        Figure(capacity, "waitSeconds", "mean").Should().Be(0.5);
        Figure(capacity, "waitSeconds", "p95").Should().BeInRange(0.4, 0.65);
        Figure(capacity, "slots", "inUse").Should().Be(6);
        Figure(capacity, "slots", "total").Should().Be(8);
        Figure(capacity, "slots", "perWorker").Should().Be(8);
        Figure(capacity, "slots", "utilization").Should().Be(0.75);
        Figure(capacity, "recommended", "slots").Should().Be(10);
        Figure(capacity, "recommended", "workers").Should().Be(2);
    }

    [Fact]
    public async Task A_bad_name_is_400_and_a_broker_that_is_down_503()
    {
        await using var api = new TestApi();
        await (await api.Client().GetAsync("/v1/queues/Not%20A%20Name/capacity")).ShouldBeProblemAsync("invalid-queue-name");

        api.Queue.Fault = () => new JobQueueUnavailableException("down");
        await (await api.Client().GetAsync(Capacity)).ShouldBeProblemAsync("broker-unavailable");
    }

    [Fact]
    public async Task Metrics_show_what_is_known_and_no_zero_in_place_of_what_is_not()
    {
        var time = new ManualTimeProvider();
        await using var api = new TestApi(new InMemoryJobQueue(time: time));
        await CapacityHistory.MakeAsync(api.Queue, "emails", time);
        await api.Queue.EnqueueAsync([new JobRequest { Queue = "quiet", Type = "t" }], CancellationToken.None);

        await Eventually.Passes(async () => (await api.CreateClient().GetStringAsync("/metrics")).Should()
            .MatchRegex("""k8squeue_queue_arrival_rate\{[^}]*queue="emails"[^}]*\} 2\n""")
            .And.MatchRegex("""k8squeue_queue_utilization\{[^}]*queue="emails"[^}]*\} 0.75\n""")
            .And.MatchRegex("""k8squeue_queue_job_duration_seconds\{[^}]*queue="emails"[^}]*stat="mean"[^}]*\} 4\n""")
            .And.MatchRegex("""k8squeue_queue_job_wait_seconds\{[^}]*queue="emails"[^}]*stat="p95"[^}]*\} 0\.\d+\n""")
            .And.MatchRegex("""k8squeue_queue_recommended_workers\{[^}]*queue="emails"[^}]*\} 2\n""")
            .And.NotMatchRegex("""k8squeue_queue_(arrival_rate|utilization|job_duration_seconds|recommended_workers)\{[^}]*queue="quiet[^}]*\}"""));

        api.Queue.Fault = () => new JobQueueUnavailableException("down");
        await Eventually.Passes(async () => (await api.CreateClient().GetStringAsync("/metrics")).Should().NotContain("k8squeue_queue_arrival_rate{"));
    }

    [Fact]
    public async Task Arrivals_are_counted_where_nobody_works()
    {
        await using var api = new TestApi();
        await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""");

        await Eventually.IsTrue(async () =>
        {
            await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""");
            return (await api.Queue.Load.ReadAsync("emails", CancellationToken.None)).Entries.Any(minute => minute.Arrivals > 0);
        }, TimeSpan.FromSeconds(60));
    }

    private static double Figure(JsonElement capacity, string group, string name) => capacity.GetProperty(group).GetProperty(name).GetDouble();
}
