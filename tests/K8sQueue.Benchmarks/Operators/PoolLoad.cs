using System.Globalization;
using System.Text;
using System.Text.Json;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Benchmarks.Operators;

/// <summary>The pools of a scenario: as a team would write them, with a Secret and a budget for each namespace.</summary>
internal sealed class PoolLoad(OperatorScenario scenario, IKubernetesClient client, string redisAddress)
{
    private const string Budget = "orders-db";
    private const string Secret = "queue-redis";
    private const int PerReplica = 5;
    private const int Writers = 16;

    public async Task CreateNamespacesAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Enumerable.Range(0, scenario.Pools).Select(scenario.NamespaceOf).Distinct())
        {
            await client.CreateAsync(new V1Namespace { Metadata = { Name = name } }, cancellationToken);
            await client.CreateAsync(
                new V1Secret
                {
                    Metadata = { Name = Secret, Namespace = name },
                    Data = new() { ["password"] = Encoding.UTF8.GetBytes(ClusterUnderTest.RedisPassword) },
                },
                cancellationToken);
            var budget = new V1Alpha1ConnectionBudget { Metadata = new() { Name = Budget, Namespace = name } };
            budget.Spec.Capacity = (scenario.PoolsPerNamespace * PerReplica * Math.Max(2, scenario.Replicas)) + 20;
            budget.Spec.Reserved = 20;
            await client.CreateAsync(budget, cancellationToken);
        }
    }

    public Task CreatePoolsAsync(CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, scenario.Pools),
        new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellationToken },
        async (index, token) => await client.CreateAsync(Pool(index), token));

    private V1Alpha1WorkerPool Pool(int index)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"emails-{index:00000}");
        var pool = new V1Alpha1WorkerPool { Metadata = new() { Name = name, Namespace = scenario.NamespaceOf(index) } };
        pool.Metadata.Labels = new() { ["app.kubernetes.io/part-of"] = "shop", ["team"] = "mail" };
        pool.Spec.Replicas = scenario.Replicas;
        pool.Spec.Queues =
        [
            new QueueSpec
            {
                Name = name,
                JobsPerReplica = 20,
                K8squeue = new NativeQueueSpec
                {
                    Redis = new RedisConnectionSpec { Address = redisAddress, PasswordSecretRef = new() { Name = Secret, Key = "password" } },
                },
            },
        ];
        pool.Spec.Scaling.MinReplicas = scenario.Replicas;
        pool.Spec.Scaling.MaxReplicas = 50;
        pool.Spec.Scaling.PollingIntervalSeconds = 30;
        pool.Spec.Connections = [new ConnectionSpec { Budget = Budget, PerReplica = PerReplica, Weight = 1 }];
        pool.Spec.Template = JsonSerializer.Deserialize(Template, K8sQueue.Operator.OperatorJsonContext.Default.PodTemplate)!;
        return pool;
    }

    private const string Template = """
        {
          "metadata": {"labels": {"app": "emails", "team": "mail"}},
          "spec": {
            "containers": [{
              "name": "worker",
              "image": "ghcr.io/acme/emails:1.4.2",
              "env": [
                {"name": "K8SQUEUE_CONCURRENCY", "value": "4"},
                {"name": "SMTP_HOST", "value": "smtp.shop.svc"},
                {"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "orders-db", "key": "url"}}}
              ],
              "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}
            }]
          }
        }
        """;
}
