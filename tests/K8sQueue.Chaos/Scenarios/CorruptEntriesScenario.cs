using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class CorruptEntriesScenario : ChaosScenario
{
    private static readonly string[][] Unreadable =
    [
        ["some", "thing", "else", "entirely"],
        ["h", "1;short;1;0;1;1732240000000;n;;;;;t", "p", "{}"],
        ["h", "9;01JD3V6X9QK4T2M7R8ZB5C1N0F;1;0;1;1732240000000;n;;;;;t", "p", "{}"],
        ["h", "\0\u00ff\r\n", "p", "\0"],
        ["p", "{}"],
    ];

    private const int Rounds = 4;
    private static readonly Lane[] Lanes = [Lane.High, Lane.Normal, Lane.Low];

    public override string Name => "corrupt-entries";

    public override string Shows =>
        "Entries that are no jobs are put into the lanes and among the delayed jobs, by hand. Each is a dead letter (`Corrupt`) with its bytes, and "
        + "holds up nobody. (A delivery of one counts as a start.)";

    public override ChaosExpectation Expect(ChaosScale scale) => new()
    {
        NoSecondStart = true,
        NoRecovery = true,
        UnreadableEntries = Rounds * Lanes.Length * Unreadable.Length,
        DeadLetters = new Dictionary<string, int> { [DeadLetterReasons.Corrupt] = Rounds * ((Lanes.Length * Unreadable.Length) + 1) },
    };

    public override async Task RunAsync(ScenarioContext context)
    {
        await context.Fleet.StartAsync(2, context.Worker);
        var load = context.StartLoad(JobMix.Short, perSecond: 150);
        var keys = new RedisKeys(ScenarioContext.Queue);
        await using var inspector = await context.InspectAsync();
        for (var round = 0; round < Rounds; round++)
        {
            await context.WaitAsync(context.Between(0.2, 0.5));
            foreach (var lane in Lanes)
            {
                foreach (var fields in Unreadable)
                    await inspector.ExecuteAsync("XADD", [keys.LaneKey(lane), "*", .. fields]);
            }

            var delayed = FormattableString.Invariant($"no-job-{round}");
            await inspector.ExecuteAsync("HSET", keys.DelayedJobs, delayed + ":h", "9;unknown", delayed + ":p", "{}");
            await inspector.ExecuteAsync("ZADD", keys.Delayed, "1", delayed);
        }

        await load.StopAsync();
    }
}
