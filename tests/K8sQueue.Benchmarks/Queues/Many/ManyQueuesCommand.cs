using System.CommandLine;

namespace K8sQueue.Benchmarks.Queues.Many;

/// <summary><c>many-queues</c>: one worker that serves many queues.</summary>
internal static class ManyQueuesCommand
{
    public static Command Create()
    {
        var queues = Number("--queues", 1000, "How many queues the worker reads.");
        var concurrency = Number("--concurrency", 10, "Its slots.");
        var jobs = Number("--jobs", 10_000, "Jobs of the backlog, spread evenly over the queues.");
        var milliseconds = new Option<int>("--job-milliseconds") { Description = "How long a job takes." };
        var idle = Number("--idle-seconds", 30, "How long the idle worker's commands are counted.");
        var latencies = Number("--latency-jobs", 100, "Jobs that are enqueued one by one to the idle worker.");
        var command = new Command("many-queues", "One worker that serves many queues: its backlog, what it asks of Redis at rest, and its starts.")
        {
            queues, concurrency, jobs, milliseconds, idle, latencies,
        };
        command.SetAction((parsed, cancellationToken) => new ManyQueuesBenchmark(
            new ManyQueuesOptions
            {
                Queues = parsed.GetValue(queues),
                Concurrency = parsed.GetValue(concurrency),
                Jobs = parsed.GetValue(jobs),
                Duration = TimeSpan.FromMilliseconds(parsed.GetValue(milliseconds)),
                Idle = TimeSpan.FromSeconds(parsed.GetValue(idle)),
                Latencies = parsed.GetValue(latencies),
            },
            Console.Out).RunAsync(cancellationToken));
        return command;
    }

    private static Option<int> Number(string name, int value, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError($"{name} must be at least 1.");
        });
        return option;
    }
}
