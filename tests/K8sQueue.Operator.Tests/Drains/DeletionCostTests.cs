using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Controllers;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Drains;

/// <summary>Pods whose owner set a deletion cost.</summary>
public sealed class DeletionCostTests
{
    private const string Cost = "controller.kubernetes.io/pod-deletion-cost";
    private const string CostBefore = "k8squeue.io/deletion-cost-before";

    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task A_cost_comes_back_when_its_worker_is_taken_back()
    {
        var pod = await ChooseAsync("7");
        pod.Annotation(Cost).Should().Be("-2147483647");
        pod.Annotation(CostBefore).Should().Be("7");

        Limit(2);
        await _harness.SettleAsync();

        AnnotationsOf(pod).Should().Contain(Cost, "7").And.NotContainKey(CostBefore);
    }

    [Fact]
    public async Task A_worker_that_had_no_cost_has_none_again()
    {
        var pod = await ChooseAsync(null);

        Limit(2);
        await _harness.SettleAsync();

        AnnotationsOf(pod).Should().NotContainKey(Cost).And.NotContainKey(CostBefore);
    }

    [Fact]
    public async Task A_cost_that_is_set_on_a_chosen_worker_stays()
    {
        var pod = await ChooseAsync("7");
        _harness.Cluster.Change<V1Pod>(pod.Metadata.Name!, Samples.Namespace, item => item.Metadata.Annotations![Cost] = "9");

        Limit(2);
        await _harness.SettleAsync();

        AnnotationsOf(pod).Should().Contain(Cost, "9").And.NotContainKey(CostBefore);
    }

    [Fact]
    public async Task The_cheaper_of_two_idle_workers_goes()
    {
        var names = await StartAsync();
        Annotate(names[1], "-5");

        Limit(1);
        await _harness.SettleAsync();

        Names().Should().Equal(names[0]);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("", 0)]
    [InlineData("-5", -5)]
    [InlineData("0", 0)]
    [InlineData("2147483647", int.MaxValue)]
    [InlineData("2147483648", 0)]
    [InlineData("+5", 0)]
    [InlineData("05", 0)]
    [InlineData(" 5", 0)]
    [InlineData("five", 0)]
    public void A_cost_is_read_as_Kubernetes_reads_it(string? text, int cost)
    {
        var pod = Samples.GatedPod("a", "emails", "r", "{}");
        if (text is not null)
            pod.Metadata.Annotations![Cost] = text;

        pod.OwnDeletionCost().Should().Be(cost);
    }

    /// <summary>Chooses one of two busy workers, both of that cost.</summary>
    private async Task<V1Pod> ChooseAsync(string? cost)
    {
        foreach (var name in await StartAsync())
        {
            _harness.Workers[name] = 1;
            if (cost is not null)
                Annotate(name, cost);
        }

        Limit(1);
        await _harness.SettleAsync();
        return _harness.Pods.Single(pod => pod.DrainingSince() is not null);
    }

    private async Task<IReadOnlyList<string>> StartAsync()
    {
        _harness.Create(Samples.Pool(change: spec =>
        {
            spec.Drain.Policy = DrainPolicies.IdleOnly;
            spec.Scaling.MaxReplicas = 2;
        }));
        await _harness.SettleAsync();
        _harness.Ask(2);
        await _harness.SettleAsync();
        return Names();
    }

    private void Annotate(string name, string cost) =>
        _harness.Cluster.Change<V1Pod>(name, Samples.Namespace, item => item.Metadata.Annotations![Cost] = cost);

    private Dictionary<string, string> AnnotationsOf(V1Pod pod) =>
        _harness.Pods.Single(item => item.Metadata.Uid == pod.Metadata.Uid).Metadata.Annotations!;

    private void Limit(int replicas) => _harness.Edit(spec => spec.Scaling.MaxReplicas = replicas);

    private List<string> Names() => [.. _harness.Pods.Where(pod => !pod.IsDeleting()).Select(pod => pod.Metadata.Name!).Order(StringComparer.Ordinal)];
}
