using System.Text;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Discovery;

/// <summary>Budgets that name a server, and Secrets for them.</summary>
internal static class DiscoverySamples
{
    public static V1Secret Secret(string name, params (string Key, string Value)[] data) => new()
    {
        ApiVersion = "v1",
        Kind = "Secret",
        Metadata = new V1ObjectMeta { Name = name, Namespace = Samples.Namespace },
        Data = data.ToDictionary(item => item.Key, item => Encoding.UTF8.GetBytes(item.Value)),
    };

    public static V1Alpha1ConnectionBudget Budget(Action<ConnectionBudgetSpec> server)
    {
        var budget = Samples.Budget("db", 1);
        budget.Spec.Capacity = null;
        server(budget.Spec);
        return budget;
    }

    public static V1Alpha1ConnectionBudget PostgresBudget() =>
        Budget(spec => spec.Postgresql = new() { ConnectionSecretRef = new() { Name = "db", Key = "url" } });

    /// <summary>Reads over a cluster that has these Secrets.</summary>
    public static Task<CapacityReading> ReadAsync(V1Alpha1ConnectionBudget budget, params V1Secret[] secrets) => ReadAsync(budget, allowLinkLocal: false, secrets);

    public static Task<CapacityReading> ReadAsync(V1Alpha1ConnectionBudget budget, bool allowLinkLocal, params V1Secret[] secrets)
    {
        var cluster = new FakeCluster(new ManualTimeProvider());
        foreach (var secret in secrets)
            cluster.Create(secret);
        var reader = new CapacityReader(new FakeKubernetesClient(cluster), new ServerGuard(allowLinkLocal)) { Timeout = TimeSpan.FromSeconds(60) };
        return reader.ReadAsync(budget, CancellationToken.None);
    }
}
