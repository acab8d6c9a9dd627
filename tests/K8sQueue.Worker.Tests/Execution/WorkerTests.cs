using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Worker.Tests.Execution;

public sealed partial class WorkerTests
{
    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    public async Task A_wait_is_measured_by_the_brokers_clock(int minutesAhead)
    {
        var queue = new FaultyJobQueue(new Core.InMemory.InMemoryJobQueue()) { Ahead = TimeSpan.FromMinutes(minutesAhead) };
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask), queue: queue);
        await worker.EndOfAsync(await worker.EnqueueAsync("t"));

        await Eventually.Passes(async () => (await worker.Management.GetStringAsync("metrics"))
            .Should().Contain("k8squeue_job_wait_seconds_bucket{queue=\"q\",le=\"600\"} 1").And.Contain("k8squeue_job_wait_seconds_count{queue=\"q\"} 1"));
    }

    [Fact]
    public async Task A_typed_handler_gets_its_payload_its_context_and_a_scope_of_its_own()
    {
        await using var worker = await TestWorker.StartAsync(w =>
        {
            w.Services.AddScoped<Scoped>();
            w.AddHandler<Greeting, GreetingHandler>("greet", TestJson.Default.Greeting);
        });

        var first = await worker.EndOfAsync(await worker.EnqueueAsync("greet", """{"name":"Ada"}"""));
        var second = await worker.EndOfAsync(await worker.EnqueueAsync("greet", """{"name":"Bob"}"""));

        Text(first.Result).Should().StartWith("\"Ada at attempt 1 of 5, token 1, scope ");
        Text(second.Result).Should().StartWith("\"Bob at");
        Text(second.Result)![^9..].Should().NotBe(Text(first.Result)![^9..], "each job has a scope");
    }

    [Theory]
    [InlineData("""{"name":5}""", "is not a Greeting")]
    [InlineData("null", "must not be null")]
    [InlineData("{", "is not a Greeting")]
    public async Task A_payload_that_is_not_what_the_handler_reads_is_a_dead_letter_at_once(string payload, string message)
    {
        await using var worker = await TestWorker.StartAsync(w =>
        {
            w.Services.AddScoped<Scoped>();
            w.AddHandler<Greeting, GreetingHandler>("greet", TestJson.Default.Greeting);
        });

        var dead = await worker.DeadLetterAsync(await worker.EnqueueAsync("greet", payload));

        dead.Reason.Should().Be(DeadLetterReasons.Unrecoverable);
        dead.Error.Should().Contain(message);
        dead.Job.Attempt.Should().Be(1);
    }

    [Fact]
    public async Task A_type_without_a_handler_is_a_dead_letter_that_names_the_known_types()
    {
        await using var worker = await TestWorker.StartAsync(w => w
            .AddHandler("b.two", (_, _) => Task.CompletedTask)
            .AddHandler("a.one", (_, _) => Task.CompletedTask));

        var dead = await worker.DeadLetterAsync(await worker.EnqueueAsync("c.three"));

        dead.Reason.Should().Be(DeadLetterReasons.UnknownType);
        dead.Error.Should().Be("No handler is registered for job type 'c.three'. Known types: a.one, b.two.");
    }

    [Fact]
    public async Task A_worker_of_certain_types_reads_their_queues_and_takes_no_others()
    {
        var broker = new FaultyJobQueue(new Core.InMemory.InMemoryJobQueue());
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("*", (_, _) => Task.CompletedTask),
            o =>
            {
                o.Queues.Clear();
                o.JobTypes.Add("mine");
                o.JobTypes.Add("also");
                o.Routes = JobRoutes.Parse($$"""{"mine": "{{TestWorker.Queue}}", "also": "r"}""");
            },
            broker);

        var also = await broker.EnqueueAsync([new JobRequest { Queue = "r", Type = "also", Tracked = true }], CancellationToken.None);
        (await worker.EndOfAsync(also[0])).State.Should().Be(JobState.Completed);
        (await worker.EndOfAsync(await worker.EnqueueAsync("mine"))).State.Should().Be(JobState.Completed);
        var dead = await worker.DeadLetterAsync(await worker.EnqueueAsync("theirs"));

        dead.Reason.Should().Be(DeadLetterReasons.UnknownType);
        dead.Error.Should().Be("No handler is registered for job type 'theirs'. Known types: also, mine.");
    }

    [Fact]
    public async Task The_star_takes_every_type_that_has_no_handler_of_its_own()
    {
        var seen = new ConcurrentBag<string>();
        await using var worker = await TestWorker.StartAsync(w => w
            .AddHandler("*", (context, _) => Note(seen, "star:" + context.Type))
            .AddHandler("own", (context, _) => Note(seen, "own:" + context.Type)));

        await worker.EndOfAsync(await worker.EnqueueAsync("own"));
        await worker.EndOfAsync(await worker.EnqueueAsync("other"));

        seen.Should().BeEquivalentTo("own:own", "star:other");
    }

    [Fact]
    public async Task A_job_that_fails_runs_again_until_its_attempts_are_used_up()
    {
        var tokens = new ConcurrentQueue<(int Attempt, long Token)>();
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (context, _) =>
        {
            tokens.Enqueue((context.Attempt, context.FencingToken));
            throw new InvalidOperationException("boom");
        }));

        var dead = await worker.DeadLetterAsync(
            await worker.EnqueueAsync("t", retry: new RetryPolicy { MaxAttempts = 3, Delay = TimeSpan.Zero }));

        tokens.Should().Equal((1, 1), (2, 2), (3, 3));
        dead.Reason.Should().Be(DeadLetterReasons.AttemptsExhausted);
        dead.Error.Should().Contain("boom");
    }

    [Fact]
    public async Task A_job_that_outlasts_its_time_out_is_cancelled_and_counts_as_failed()
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler(
            "slow",
            (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token),
            o => o.Timeout = TimeSpan.FromHours(1)));

        var dead = await worker.DeadLetterAsync(await worker.EnqueueAsync(
            "slow", retry: new RetryPolicy { MaxAttempts = 1 }, timeout: TimeSpan.FromMilliseconds(50)));

        dead.Error.Should().Be("The attempt timed out.");
    }

    [Fact]
    public async Task A_lost_lease_stops_the_handler_and_its_job_is_handed_back()
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler(
            "t",
            (context, token) => context.FencingToken == 1
                ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token)
                : Task.CompletedTask));
        var id = await worker.EnqueueAsync("t");
        await worker.StartedAsync(1);

        worker.Broker.Consumer!.Lose();

        (await worker.EndOfAsync(id)).Should().Match<JobSnapshot>(job => job.State == JobState.Completed && job.Attempt == 1);
        await Eventually.IsTrue(async () => await Metrics(worker, "k8squeue_jobs_total{outcome=\"released\",queue=\"q\"} 1"));
    }

    [Fact]
    public async Task A_lost_lease_whose_job_has_another_owner_counts_as_lost()
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler(
            "t",
            (context, token) => context.FencingToken == 1
                ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token)
                : Task.CompletedTask));
        var id = await worker.EnqueueAsync("t");
        await worker.StartedAsync(1);

        await worker.Broker.Consumer!.StealAsync();
        worker.Broker.Consumer.Lose();

        (await worker.EndOfAsync(id)).State.Should().Be(JobState.Completed);
        await Eventually.IsTrue(async () => await Metrics(worker, "k8squeue_jobs_total{outcome=\"lost\",queue=\"q\"} 1"));
    }

    [Fact]
    public async Task An_outcome_whose_job_has_another_owner_is_refused_and_counted()
    {
        var finish = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => finish.Task), o => o.Concurrency = 1);
        await worker.EnqueueAsync("t");
        await worker.StartedAsync(1);

        // The same consumer's lease ends by another hand: the broker gives the job away.
        await worker.Broker.Consumer!.StealAsync();
        finish.SetResult();

        await Eventually.IsTrue(async () => await Metrics(worker, "k8squeue_jobs_total{outcome=\"fenced\",queue=\"q\"} 1"));
    }

    [Fact]
    public void Concurrency_is_never_exceeded_and_every_job_completes_once()
    {
        Prop.ForAll(
            ArbMap.Default.ArbFor<PositiveInt>().Filter(n => n.Get <= 20),
            Gen.Choose(1, 60).ToArbitrary(),
            (concurrency, jobs) => RunAsync(concurrency.Get, jobs).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(15));

        static async Task<bool> RunAsync(int concurrency, int jobs)
        {
            var now = 0;
            var peak = 0;
            var runs = new ConcurrentDictionary<string, int>();
            await using var worker = await TestWorker.StartAsync(
                w => w.AddHandler("t", async (context, _) =>
                {
                    runs.AddOrUpdate(context.JobId.Value, 1, (_, n) => n + 1);
                    InterlockedMax(ref peak, Interlocked.Increment(ref now));
                    await Task.Yield();
                    Interlocked.Decrement(ref now);
                }),
                o => o.Concurrency = concurrency);
            await worker.EnqueueAsync(jobs, "t");
            await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).CompletedTotal == jobs);
            return peak <= concurrency && worker.Broker.Consumer!.MaxAsked <= concurrency
                && runs.Count == jobs && runs.Values.All(n => n == 1);
        }
    }

    [Fact]
    public async Task Outcomes_that_end_together_are_recorded_together()
    {
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => finish.Task), o => o.Concurrency = 200);
        await worker.EnqueueAsync(200, "t");
        await worker.StartedAsync(200);
        worker.Broker.IsDown = true;
        finish.SetResult();
        await Eventually.IsTrue(async () => await Metrics(worker, "k8squeue_broker_errors_total{operation=\"outcome\"}"));

        worker.Broker.IsDown = false;

        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).CompletedTotal == 200);
        worker.Broker.Consumer!.Batches.Sum().Should().Be(200);
        worker.Broker.Consumer.Batches.Count.Should().BeLessThan(50);
    }

    private static string? Text(ReadOnlyMemory<byte>? json) =>
        json is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes.Span) : null;

    private static Task Note(ConcurrentBag<string> seen, string what)
    {
        seen.Add(what);
        return Task.CompletedTask;
    }

    private static async Task<bool> Metrics(TestWorker worker, string line) =>
        (await worker.Management.GetStringAsync("metrics")).Contains(line, StringComparison.Ordinal);

    private static void InterlockedMax(ref int target, int value)
    {
        var seen = Volatile.Read(ref target);
        while (value > seen)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    internal sealed record Greeting(string Name);

    internal sealed class Scoped
    {
        public string Id { get; } = Guid.NewGuid().ToString("n")[..8];
    }

    internal sealed class GreetingHandler(Scoped scoped) : IJobHandler<Greeting>
    {
        public Task HandleAsync(Greeting payload, JobContext context, CancellationToken cancellationToken)
        {
            context.SetResult(
                $"{payload.Name} at attempt {context.Attempt} of {context.MaxAttempts}, token {context.FencingToken}, scope {scoped.Id}",
                TestJson.Default.String);
            return Task.CompletedTask;
        }
    }

    [JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Greeting))]
    [JsonSerializable(typeof(string))]
    internal sealed partial class TestJson : JsonSerializerContext;
}
