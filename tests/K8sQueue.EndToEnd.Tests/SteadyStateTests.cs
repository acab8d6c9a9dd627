using System.Globalization;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>
/// Where nothing changes, nothing is written. <c>K8SQUEUE_E2E_STEADY_SECONDS</c>: for how long that is watched (default 20).
/// </summary>
[Collection(EndToEndGroup.Name)]
public sealed class SteadyStateTests(EndToEndEnvironment environment)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("K8SQUEUE_E2E_STEADY_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 20);

    [Fact]
    public async Task Ten_pools_that_have_settled_cost_no_write_at_all()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 12);
        await space.CreateBudgetAsync(capacity: 8, reserved: 2, name: "shared");
        foreach (var (name, runsWorkers) in await ApplyPoolsAsync(space))
        {
            await space.WaitUntilReadyAsync(name);
            // The last write comes rollout.minReadySeconds after that, and on a slow machine later still.
            if (runsWorkers)
                await space.WaitForPoolAsync(name, s => s.StableRevision is not null && s.StableRevision == s.CurrentRevision, $"{name}: a stable revision");
        }

        await WaitForQuietAsync(space);
        var before = Writes(space).Count;
        using var watch = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var seconds = 0; seconds < Window.TotalSeconds; seconds++)
        {
            await watch.WaitForNextTickAsync();
            Writes(space).Skip(before).Should().BeEmpty("after {0} s nothing has changed", seconds);
        }
    }

    /// <summary>Native pools at zero and with workers, under one budget, two or none, waiting for a schedule, suspended; raw triggers; others' queues.</summary>
    private static async Task<IReadOnlyList<(string Name, bool RunsWorkers)>> ApplyPoolsAsync(TestNamespace space)
    {
        var yaml = new Dictionary<string, string>();
        for (var i = 0; i < 3; i++)
            Add(name => space.PoolYaml(name, minReplicas: 0));
        Add(name => space.PoolYaml(name, minReplicas: 1));
        Add(name => space.PoolYaml(name, minReplicas: 1, budget: "shared", perReplica: 3));
        Add(name => space.PoolYaml(name, minReplicas: 1, budget: "shared", perReplica: 3).Replace("[{budget", "[{budget: queue-redis, perReplica: 1}, {budget", StringComparison.Ordinal));
        Add(name => space.PoolYaml(name, budget: null).Replace("  drain:", "  monitoring: {podMonitor: true, alerts: true}\n  drain:", StringComparison.Ordinal));
        Add(name => space.PoolYaml(name, budget: null).Replace("spec:\n  queues:", "spec:\n  suspend: true\n  queues:", StringComparison.Ordinal));
        Add(name => Other(name, $"sidekiq: {Redis(space, name)}"));
        Add(name => Other(name, $"bullmq: {Redis(space, name)}"));
        foreach (var pool in yaml.Values)
            await space.Kubectl.ApplyAsync(pool);
        return [.. yaml.Select(pool => (pool.Key, pool.Value.Contains("minReplicas: 1", StringComparison.Ordinal)))];

        void Add(Func<string, string> make)
        {
            var name = $"steady-{yaml.Count}-{space.Name}";
            yaml[name] = make(name);
        }

        // The native block, in other words.
        string Other(string name, string kind)
        {
            var native = space.PoolYaml(name, budget: null);
            var start = native.IndexOf("    k8squeue:", StringComparison.Ordinal);
            var end = native.IndexOf("  scaling:", StringComparison.Ordinal);
            return $"{native[..start]}    {kind}\n{native[end..]}";
        }
    }

    private static string Redis(TestNamespace space, string name)
    {
        var native = space.PoolYaml(name).Split('\n');
        return $"{{redis: {{{native.Single(line => line.Contains("address:", StringComparison.Ordinal)).Trim()}, {native.Single(line => line.Contains("passwordSecretRef:", StringComparison.Ordinal)).Trim()}}}}}";
    }

    /// <summary>Settled: no write for a while.</summary>
    private async Task WaitForQuietAsync(TestNamespace space)
    {
        var (count, since) = (-1, TimeProvider.System.GetTimestamp());
        await Eventually.IsTrue(
            () =>
            {
                var now = Writes(space).Count;
                if (now != count)
                    (count, since) = (now, TimeProvider.System.GetTimestamp());
                return TimeProvider.System.GetElapsedTime(since) >= Quiet;
            },
            TestNamespace.Patience,
            "ten pools settle");
    }

    private IReadOnlyList<string> Writes(TestNamespace space) =>
    [
        .. AuditEntry.Read(environment.AuditLog)
            .Where(entry => entry.User == OperatorRightsTests.Operator && entry.Namespace == space.Name && entry.IsWrite)
            .Select(entry => $"{entry.Right} {entry.Name} {entry.Code}"),
    ];
}
