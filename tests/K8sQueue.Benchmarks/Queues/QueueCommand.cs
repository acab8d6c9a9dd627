using System.CommandLine;

namespace K8sQueue.Benchmarks.Queues;

/// <summary><c>queue</c>: BullMQ, the raw driver loop and K8sQueue on one Redis.</summary>
internal static class QueueCommand
{
    public static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "Few jobs: shows that it works, not how fast it is." };
        var jobs = new Option<int?>("--jobs") { Description = "Jobs of one run (200000; quick: 20000)." };
        var runs = new Option<int?>("--runs") { Description = "Runs, of which the medians count (3; quick: 1)." };
        var latency = new Option<int?>("--latency-jobs") { Description = "Jobs of one latency run (1000; quick: 200)." };
        var only = new Option<string[]>("--only")
        {
            Description = "Measure these only; ratios need both sides.",
            AllowMultipleArgumentsPerToken = true,
        };
        only.AcceptOnlyFromAmong(QueueContenders.Names);
        var aof = new Option<bool>("--aof") { Description = "Redis with appendonly yes, appendfsync everysec." };
        var commandStatistics = new Option<bool>("--commandstats") { Description = "Print what each command cost Redis, a job." };
        var output = new Option<DirectoryInfo>("--output")
        {
            Description = "Where bench-queue.json is written.",
            DefaultValueFactory = _ => new DirectoryInfo("artifacts"),
        };
        var command = new Command("queue", "BullMQ, the raw driver loop and K8sQueue, side by side on one Redis.")
        {
            quick, jobs, runs, latency, only, aof, commandStatistics, output,
        };
        command.Validators.Add(result =>
        {
            foreach (var option in new[] { jobs, runs, latency })
            {
                if (result.GetValue(option) < 1)
                    result.AddError($"{option.Name} must be at least 1.");
            }
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var defaults = parsed.GetValue(quick) ? QueueBenchmarkOptions.Quick : QueueBenchmarkOptions.Full;
            var options = defaults with
            {
                Jobs = parsed.GetValue(jobs) ?? defaults.Jobs,
                Runs = parsed.GetValue(runs) ?? defaults.Runs,
                LatencyJobs = parsed.GetValue(latency) ?? defaults.LatencyJobs,
                Only = parsed.GetValue(only) is { Length: > 0 } names ? names : QueueContenders.Names,
                Aof = parsed.GetValue(aof),
                CommandStatistics = parsed.GetValue(commandStatistics),
                Output = parsed.GetRequiredValue(output),
            };
            return new QueueBenchmark(options, Console.Out).RunAsync(cancellationToken);
        });
        return command;
    }
}
