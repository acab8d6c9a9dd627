using System.CommandLine;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Api;

/// <summary><c>api</c>: the API beside a Kestrel that does nothing, and beside Fastify with BullMQ.</summary>
internal static class ApiCommand
{
    public static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "Short loads: shows that it works, not how fast it is." };
        var runs = new Option<int?>("--runs") { Description = "Runs, of which the medians count (3; quick: 1)." };
        var seconds = new Option<int?>("--seconds") { Description = "How long each is under load (8; quick: 2)." };
        var connections = new Option<int>("--connections") { Description = "Connections of the load.", DefaultValueFactory = _ => 64 };
        var bulk = new Option<int>("--bulk-jobs")
        {
            Description = "Jobs of the stream whose memory is measured; 0 for none.",
            DefaultValueFactory = _ => 100_000,
        };
        var only = new Option<string[]>("--only")
        {
            Description = "Measure these only; ratios need both sides.",
            AllowMultipleArgumentsPerToken = true,
        };
        only.AcceptOnlyFromAmong(ApiContender.Names);
        var program = new Option<FileInfo>("--api")
        {
            Description = "The API's assembly.",
            DefaultValueFactory = _ => new FileInfo(Path.Combine(RepositoryFolder.Root, "api/K8sQueue.Api/bin/Release/net10.0/K8sQueue.Api.dll")),
        };
        var output = new Option<DirectoryInfo>("--output")
        {
            Description = "Where bench-api.json is written.",
            DefaultValueFactory = _ => new DirectoryInfo("artifacts"),
        };
        var command = new Command("api", "Enqueue over HTTP: K8sQueue's API, a Kestrel that does nothing, and Fastify with BullMQ, on one Redis.")
        {
            quick, runs, seconds, connections, bulk, only, program, output,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var defaults = parsed.GetValue(quick) ? ApiBenchmarkOptions.Quick : ApiBenchmarkOptions.Full;
            var options = defaults with
            {
                Runs = parsed.GetValue(runs) ?? defaults.Runs,
                Load = parsed.GetValue(seconds) is { } load ? TimeSpan.FromSeconds(load) : defaults.Load,
                Connections = parsed.GetValue(connections),
                BulkJobs = parsed.GetValue(bulk),
                Only = parsed.GetValue(only) is { Length: > 0 } names ? names : ApiContender.Names,
                Program = parsed.GetRequiredValue(program),
                Output = parsed.GetRequiredValue(output),
            };
            return new ApiBenchmark(options, Console.Out).RunAsync(cancellationToken);
        });
        return command;
    }
}
