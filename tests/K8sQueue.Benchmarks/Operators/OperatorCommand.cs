using System.CommandLine;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Operators;

/// <summary><c>operator</c>: many pools, and what they cost the operator.</summary>
internal static class OperatorCommand
{
    public static Command Create()
    {
        var pools = new Option<int[]>("--pools")
        {
            Description = "How many pools; several numbers are several runs. Without it: 100 and 1,000, as the README of the benchmarks says.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        var perNamespace = new Option<int>("--pools-per-namespace")
        {
            Description = "Pools of one namespace, which share one budget; 0 puts all in one.",
            DefaultValueFactory = _ => 10,
        };
        var replicas = new Option<int[]>("--replicas")
        {
            Description = "minReplicas of each pool; the pods are hollow. Several numbers are several runs.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [0],
        };
        var created = new Option<bool>("--created") { Description = "Create the pools while the operator runs, not before." };
        var steady = new Option<int>("--steady-seconds")
        {
            Description = "How long writes are counted once everything has converged: with --pools that long, without at most.",
            DefaultValueFactory = _ => 300,
        };
        var limit = new Option<int>("--limit-seconds")
        {
            Description = "How long a convergence may take, the creation of the pools included; then the run has failed, and the next one comes.",
            DefaultValueFactory = _ => 600,
        };
        var program = new Option<FileInfo>("--operator")
        {
            Description = "The operator's assembly.",
            DefaultValueFactory = _ => Built("operator/K8sQueue.Operator", "K8sQueue.Operator.dll"),
        };
        var output = new Option<DirectoryInfo>("--output")
        {
            Description = "Where bench-operator.json is written.",
            DefaultValueFactory = _ => new DirectoryInfo("artifacts"),
        };
        var command = new Command("operator", "Many pools on a stand-in for an API server: convergence, memory, and writes once nothing changes.")
        {
            pools, perNamespace, replicas, created, steady, limit, program, output,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (perName, window) = (parsed.GetValue(perNamespace), TimeSpan.FromSeconds(parsed.GetValue(steady)));
            var asked =
                from count in parsed.GetRequiredValue(pools)
                from replica in parsed.GetRequiredValue(replicas)
                select new OperatorScenario(count, perName > 0 ? perName : Math.Max(1, count), replica, !parsed.GetValue(created), window);
            var options = new OperatorBenchmarkOptions
            {
                Scenarios = asked.Any() ? [.. asked] : OperatorScenario.Defaults(window),
                Limit = TimeSpan.FromSeconds(parsed.GetValue(limit)),
                Operator = parsed.GetRequiredValue(program),
                LocalCluster = Built("tests/K8sQueue.LocalCluster", "K8sQueue.LocalCluster.dll"),
                Definitions = new DirectoryInfo(Path.Combine(RepositoryFolder.Root, "crds")),
                Output = parsed.GetRequiredValue(output),
            };
            return new OperatorBenchmark(options, Console.Out).RunAsync(cancellationToken);
        });
        return command;
    }

    private static FileInfo Built(string project, string assembly) =>
        new(Path.Combine(RepositoryFolder.Root, project, "bin/Release/net10.0", assembly));
}
