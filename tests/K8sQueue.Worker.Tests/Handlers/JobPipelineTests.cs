using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace K8sQueue.Worker.Tests.Handlers;

public sealed partial class JobPipelineTests
{
    [Fact]
    public async Task Middleware_runs_around_the_handler_in_the_order_of_its_registration()
    {
        var steps = new ConcurrentQueue<string>();
        await using var worker = await TestWorker.StartAsync(w => w
            .Use(async (context, following, token) =>
            {
                steps.Enqueue("outer in");
                context.Items["who"] = "outer";
                await following(context, token);
                steps.Enqueue("outer out");
            })
            .Use(async (context, following, token) =>
            {
                steps.Enqueue("inner in");
                await following(context, token);
                steps.Enqueue("inner out");
            })
            .AddHandler("t", (context, _) =>
            {
                steps.Enqueue($"handler after {context.Items["who"]}");
                return Task.CompletedTask;
            }));

        await worker.EndOfAsync(await worker.EnqueueAsync("t"));

        steps.Should().Equal("outer in", "inner in", "handler after outer", "inner out", "outer out");
    }

    [Fact]
    public async Task Middleware_and_handler_share_the_scope_of_their_job_which_ends_with_it()
    {
        var scopes = new ConcurrentQueue<Scoped>();
        await using var worker = await TestWorker.StartAsync(w =>
        {
            w.Services.AddSingleton(scopes);
            w.Services.AddScoped<Scoped>();
            w.Use<Noting>().AddHandler<string, Noting>("t", PipelineJson.Default.String);
        });

        for (var i = 0; i < 2; i++)
            await worker.EndOfAsync(await worker.EnqueueAsync("t", "\"x\""));

        scopes.Should().HaveCount(4);
        scopes.Distinct().Should().HaveCount(2, "a job's middleware and handler have the same");
        scopes.Should().OnlyContain(scope => scope.Disposed);
    }

    [Fact]
    public async Task Middleware_may_end_a_job_before_its_handler_and_what_it_throws_counts_as_the_handlers()
    {
        var ran = false;
        await using var worker = await TestWorker.StartAsync(w => w
            .Use((context, _, _) => context.Attempt == 1 ? throw new InvalidOperationException("not yet") : Task.CompletedTask)
            .AddHandler("t", (_, _) =>
            {
                ran = true;
                return Task.CompletedTask;
            }));

        (await worker.EndOfAsync(await worker.EnqueueAsync("t")))
            .Should().Match<JobSnapshot>(job => job.State == JobState.Completed && job.Attempt == 2);

        ran.Should().BeFalse();
    }

    [Fact]
    public async Task A_handlers_retry_policy_takes_the_place_of_its_jobs()
    {
        var allowed = 0;
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler(
            "t",
            (context, _) =>
            {
                allowed = context.MaxAttempts;
                throw new InvalidOperationException("boom");
            },
            o => o.Retry = new RetryPolicy { MaxAttempts = 2, Delay = TimeSpan.Zero }));

        var dead = await worker.DeadLetterAsync(await worker.EnqueueAsync("t", retry: new RetryPolicy { MaxAttempts = 9 }));

        dead.Job.Attempt.Should().Be(2);
        allowed.Should().Be(2);
    }

    [Fact]
    public async Task A_resilience_pipeline_tries_again_within_the_attempt()
    {
        var calls = 0;
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler(
            "t",
            (_, _) => ++calls < 3 ? throw new InvalidOperationException("boom") : Task.CompletedTask,
            o => o.Resilience(p => p.AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 5, Delay = TimeSpan.Zero }))));

        (await worker.EndOfAsync(await worker.EnqueueAsync("t")))
            .Should().Match<JobSnapshot>(job => job.State == JobState.Completed && job.Attempt == 1);

        calls.Should().Be(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_handler_tells_the_queue_passes_by_its_resilience_pipeline(bool unrecoverable)
    {
        var calls = 0;
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler(
            "t",
            (_, _) =>
            {
                calls++;
                throw unrecoverable ? new UnrecoverableJobException("never") : new RetryJobException("later", TimeSpan.Zero);
            },
            o => o.Resilience(p => p.AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 5, Delay = TimeSpan.Zero }))));

        var dead = await worker.DeadLetterAsync(await worker.EnqueueAsync("t", retry: new RetryPolicy { MaxAttempts = 2 }));

        dead.Reason.Should().Be(unrecoverable ? DeadLetterReasons.Unrecoverable : DeadLetterReasons.AttemptsExhausted);
        calls.Should().Be(unrecoverable ? 1 : 2);
    }

    [Fact]
    public async Task A_circuit_that_is_open_fails_attempts_without_the_handler()
    {
        var calls = 0;
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler(
            "t",
            (_, _) =>
            {
                calls++;
                throw new InvalidOperationException("boom");
            },
            o => o.Resilience(p => p.AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                MinimumThroughput = 2,
                FailureRatio = 1,
                BreakDuration = TimeSpan.FromHours(1),
            }))));

        var dead = await worker.DeadLetterAsync(
            await worker.EnqueueAsync("t", retry: new RetryPolicy { MaxAttempts = 5, Delay = TimeSpan.Zero }));

        calls.Should().Be(2);
        dead.Error.Should().Contain("The circuit is now open");
    }

    internal sealed class Scoped : IDisposable
    {
        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }

    internal sealed class Noting(ConcurrentQueue<Scoped> scopes, Scoped scope) : IJobMiddleware, IJobHandler<string>
    {
        public Task InvokeAsync(JobContext context, JobStep following, CancellationToken cancellationToken)
        {
            scopes.Enqueue(scope);
            return following(context, cancellationToken);
        }

        public Task HandleAsync(string payload, JobContext context, CancellationToken cancellationToken)
        {
            scopes.Enqueue(context.Services.GetRequiredService<Scoped>());
            return Task.CompletedTask;
        }
    }

    [JsonSerializable(typeof(string))]
    internal sealed partial class PipelineJson : JsonSerializerContext;
}
