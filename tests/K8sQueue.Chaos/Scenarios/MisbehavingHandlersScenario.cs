using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;
using K8sQueue.Chaos.Workers;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class MisbehavingHandlersScenario : ChaosScenario
{
    private const int OfEach = 5;

    public override string Name => "misbehaving-handlers";

    public override string Shows =>
        "Handlers that throw twice and then work, throw always, give up, hang past their time-out, ignore their cancellation, and jobs that nobody "
        + "handles, amid others. Each is retried or a dead letter as it should be, and the others are done.";

    public override ChaosExpectation Expect(ChaosScale scale) => new()
    {
        FirstAttemptsOnly = false,
        NoRecovery = true,
        DeadLetters = new Dictionary<string, int>
        {
            [DeadLetterReasons.AttemptsExhausted] = 3 * OfEach,
            [DeadLetterReasons.Unrecoverable] = OfEach,
            [DeadLetterReasons.UnknownType] = OfEach,
        },
    };

    public override async Task RunAsync(ScenarioContext context)
    {
        await context.Fleet.StartAsync(2, context.Worker);
        var load = context.StartLoad(JobMix.Short, perSecond: 100);
        await EnqueueAsync(context, JobTypes.Fail, attempts: 3, failures: 2);
        await EnqueueAsync(context, JobTypes.Fail, attempts: 2, failures: 2);
        await EnqueueAsync(context, JobTypes.GiveUp, attempts: 5);
        await EnqueueAsync(context, JobTypes.Hang, attempts: 2);
        await EnqueueAsync(context, JobTypes.Ignore, attempts: 1);
        await EnqueueAsync(context, "nobody-knows", attempts: 5);

        // A handler that ignores its time-out is given up 5 s after it.
        await context.WaitAsync(TimeSpan.FromSeconds(8));
        await load.StopAsync();
    }

    private static async Task EnqueueAsync(ScenarioContext context, string type, int attempts, int failures = 0)
    {
        var make = (JobMix.Short with { Type = type, Failures = failures }).Batch(context.Random);
        await context.Producer.EnqueueAsync(
            OfEach,
            key => make(key) with
            {
                Timeout = TimeSpan.FromSeconds(1),
                Retry = new RetryPolicy { MaxAttempts = attempts, Delay = TimeSpan.FromMilliseconds(200), Backoff = BackoffKind.Fixed },
            },
            context.CancellationToken);
    }
}
