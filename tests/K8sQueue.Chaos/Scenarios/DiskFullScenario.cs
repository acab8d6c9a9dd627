using System.Diagnostics;
using System.Globalization;
using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class DiskFullScenario : ChaosScenario
{
    private const long Room = 128 * 1024;

    public override string Name => "disk-full";

    // A write beyond the limit is to fail, as on a full disk, and not to end the server.
    public override ServerOptions Server => ServerOptions.EverySecond with { Launcher = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"] };

    public override string Shows =>
        "The server's append-only file can't grow any more (a limit on the size of its files stands for the full disk) for longer than a lease: every "
        + "write is refused (MISCONF). The producer is told, workers finish what they have and say so later, and all goes on when there is space; "
        + "no handler begins a second time.";

    public override ChaosExpectation Expect(ChaosScale scale) => new() { NoSecondStart = true };

    public override async Task RunAsync(ScenarioContext context)
    {
        await context.Fleet.StartAsync(4, context.Worker);
        var load = context.StartLoad(JobMix.Short with { Milliseconds = (20, 400) }, perSecond: 80);
        await context.WaitAsync(context.Between(2, 3));
        var folder = Path.Combine(context.Redis.DataFolder, "appendonlydir");
        var size = Directory.EnumerateFiles(folder).Max(path => new FileInfo(path).Length) + Room;
        await LimitAsync(context, size.ToString(CultureInfo.InvariantCulture));
        await Eventually.IsTrue(() => load.Failures > 0, TimeSpan.FromMinutes(1));
        await context.WaitAsync(context.Scale.Lease * 1.5);
        await LimitAsync(context, "unlimited");
        await context.WaitAsync(TimeSpan.FromSeconds(3));
        await load.StopAsync();
        context.Note($"Full for {context.Scale.Lease.TotalSeconds * 1.5:0.0} s; {context.Producer.UnknownKeys.Count} jobs were in calls that failed.");
    }

    private static async Task LimitAsync(ScenarioContext context, string bytes)
    {
        string[] arguments = ["--pid", context.Redis.ProcessId.ToString(CultureInfo.InvariantCulture), $"--fsize={bytes}:unlimited"];
        using var prlimit = Process.Start("prlimit", arguments);
        await prlimit.WaitForExitAsync(context.CancellationToken);
        if (prlimit.ExitCode != 0)
            throw new InvalidOperationException($"prlimit {string.Join(' ', arguments)} failed.");
    }
}
