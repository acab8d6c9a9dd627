using System.CommandLine;

namespace K8sQueue.Benchmarks.Push;

/// <summary><c>push</c>: how long the first job of a pool at zero waits for a pod, pushed and polled.</summary>
internal static class PushCommand
{
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "Rounds of each signal.", DefaultValueFactory = _ => 20 };
        var intervals = new Option<int[]>("--polling-seconds")
        {
            Description = "KEDA's polling intervals to measure Poll with.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [10, 30],
        };
        var output = new Option<DirectoryInfo>("--output")
        {
            Description = "Where bench-push.json is written.",
            DefaultValueFactory = _ => new DirectoryInfo("artifacts"),
        };
        var command = new Command("push", "From the first job to the pod's creation, with signal Push and with Poll, over LocalCluster.")
        {
            rounds, intervals, output,
        };
        command.SetAction((parsed, cancellationToken) => new PushBenchmark(
            parsed.GetValue(rounds), parsed.GetRequiredValue(intervals), parsed.GetRequiredValue(output), Console.Out).RunAsync(cancellationToken));
        return command;
    }
}
