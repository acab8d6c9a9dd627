using System.CommandLine;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Workers;

/// <summary><c>worker</c>: how fast a worker is ready, what it takes at rest, and what it takes in the long run.</summary>
internal static class WorkerCommand
{
    public static Command Create()
    {
        var starts = new Option<int>("--starts") { Description = "How often a worker is started.", DefaultValueFactory = _ => 20 };
        var idle = new Option<int>("--idle-seconds")
        {
            Description = "How long each is probed, once a second, before its memory is read.",
            DefaultValueFactory = _ => 5,
        };
        var soak = new Option<int>("--soak-seconds") { Description = "How long one runs at full speed afterwards; 0 for not at all." };
        var program = new Option<FileInfo>("--worker")
        {
            Description = "The worker's program, as `make worker` left it.",
            DefaultValueFactory = _ => new FileInfo(Path.Combine(RepositoryFolder.Root, "artifacts", "worker", "K8sQueue.Worker")),
        };
        var output = new Option<DirectoryInfo>("--output")
        {
            Description = "Where bench-worker.json is written.",
            DefaultValueFactory = _ => new DirectoryInfo("artifacts"),
        };
        var command = new Command("worker", "The worker's program over a real Redis: its start, its memory at rest, and a soak at full speed.")
        {
            starts, idle, soak, program, output,
        };
        command.SetAction((parsed, cancellationToken) => new WorkerBenchmark(
            new WorkerBenchmarkOptions
            {
                Starts = parsed.GetValue(starts),
                Idle = TimeSpan.FromSeconds(parsed.GetValue(idle)),
                Soak = TimeSpan.FromSeconds(parsed.GetValue(soak)),
                Worker = parsed.GetRequiredValue(program),
                Output = parsed.GetRequiredValue(output),
            },
            Console.Out).RunAsync(cancellationToken));
        return command;
    }
}
