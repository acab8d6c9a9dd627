using System.Text.Json.Nodes;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>What the project promises first, against a real PostgreSQL that counts its connections.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class BudgetUnderFireTests(EndToEndEnvironment environment)
{
    /// <summary>Half as many again as 30 workers are wanted for.</summary>
    private const int Backlog = 900;
    private const int PerReplica = 5;
    private const int Usable = 12 * PerReplica;
    private const int Reserved = 4;

    /// <summary>superuser_reserved_connections, as PostgreSQL has it by default.</summary>
    private const int Superuser = 3;

    [Fact]
    public async Task A_pool_that_wants_30_workers_never_takes_more_connections_than_12_may_through_a_rollout_a_crash_and_evictions()
    {
        await using var database = await OrdersDatabase.StartAsync(maxConnections: Usable + Reserved + Superuser);
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await database.CreateSecretAsync(space.Kubectl);
        await space.Kubectl.ApplyAsync($$"""
            apiVersion: k8squeue.io/v1alpha1
            kind: ConnectionBudget
            metadata: {name: orders-db}
            spec: {postgresql: {connectionSecretRef: {name: orders-db, key: url} }, reserved: {{Reserved}}, lostHoldSeconds: 15}
            """);
        var queue = $"orders-{space.Name}";
        await space.Kubectl.ApplyAsync(Pool(queue, release: 1));
        await space.WaitUntilReadyAsync(queue);

        var enough = new TaskCompletionSource();
        var orders = OrderAsync(space, queue, enough.Task);
        await space.WaitForPoolAsync(
            queue, s => s is { ReadyReplicas: 12, DesiredReplicas: 30, LimitedBy: "ConnectionBudget/orders-db" }, "12 workers of the 30 asked for");

        // A rollout, a crash of the operator in the middle of it, and pods that are evicted in the middle of both.
        await space.Kubectl.ApplyAsync(Pool(queue, release: 2));
        await space.WaitForPoolAsync(queue, s => s is { UpdatedReplicas: > 0 and < 12 }, "a rollout under way");
        await environment.Operator.KillAsync();

        // Its disruption budget may let nobody go as long as there is no operator to let the next worker start.
        var evictions = EvictAsync(space, queue, 3);
        await environment.Operator.StartAsync();
        await evictions;
        await space.WaitForPoolAsync(queue, s => s.UpdatedReplicas > 6, "the rollout goes on");
        await EvictAsync(space, queue, 2);
        enough.SetResult();
        var jobs = await orders;

        await space.WaitForCompletedAsync(queue, jobs);
        await space.WaitForPoolAsync(queue, s => s is { Replicas: 0, ReadyReplicas: 0, DrainingReplicas: 0 }, "back to zero");
        await Eventually.IsTrue(async () => (await space.BudgetAsync("orders-db")).Status is { InUse: 0 }, TestNamespace.Patience);

        database.Peak.Should().BeGreaterThan(Usable / 2).And.BeLessThanOrEqualTo(Usable);
        (await database.OrdersAsync()).Should().Be(jobs);
        await ConservationOfJobs.AssertCountersAsync(environment, queue, jobs);
    }

    /// <summary>Orders as much as all workers are wanted for, until it is enough, however slowly the cluster gets there. How many it were.</summary>
    private async Task<int> OrderAsync(TestNamespace space, string queue, Task enough)
    {
        var orders = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (!enough.IsCompleted)
        {
            var backlog = orders == 0 ? 0 : (int)(await space.FiguresAsync(queue)).Backlog;
            var next = Math.Max(orders, orders + Backlog - backlog);
            await Parallel.ForAsync(orders, next, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, token) =>
                await environment.Api.EnqueueAsync(queue, "order.record", new JsonObject { ["order"] = i, ["seconds"] = 1.2 }, token));
            orders = next;
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return orders;
    }

    /// <summary>The eviction subresource, as a node drain uses it: again while the disruption budget says no.</summary>
    private static async Task EvictAsync(TestNamespace space, string pool, int count)
    {
        var evicted = 0;
        await Eventually.IsTrue(
            async () =>
            {
                var names = await space.Kubectl.RunAsync(
                    ["get", "pods", "-l", $"k8squeue.io/pool={pool}", "-o", "jsonpath={range .items[?(@.status.phase==\"Running\")]}{.metadata.name}{\"\\n\"}{end}"]);
                foreach (var name in names.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    evicted += evicted < count && await space.TryEvictAsync(name) ? 1 : 0;
                return evicted >= count;
            },
            TestNamespace.Patience,
            $"{count} evictions");
    }

    private string Pool(string name, int release) => $$"""
        apiVersion: k8squeue.io/v1alpha1
        kind: WorkerPool
        metadata: {name: {{name}}}
        spec:
          queues:
          - name: {{name}}
            jobsPerReplica: 20
            k8squeue: {redis: {address: "{{environment.Stack.RedisAddress}}", passwordSecretRef: {name: queue-redis, key: password} } }
          scaling: {maxReplicas: 30, pollingIntervalSeconds: 1, cooldownSeconds: 3, scaleUp: {maxPodsPerMinute: 1000}, scaleDown: {stabilizationSeconds: 3} }
          connections: [{budget: orders-db, perReplica: {{PerReplica}}}]
          drain: {timeoutSeconds: 20}
          template:
            spec:
              containers:
              - name: worker
                image: {{EndToEndEnvironment.DatabaseWorkerImage}}
                imagePullPolicy: IfNotPresent
                env:
                - {name: RELEASE, value: "{{release}}"}
                - {name: K8SQUEUE_CONCURRENCY, value: "{{PerReplica}}"}
                - name: DATABASE
                  valueFrom: {secretKeyRef: {name: {{OrdersDatabase.SecretName}}, key: url} }
        """;
}
