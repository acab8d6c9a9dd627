using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Controllers;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Drains;

/// <summary>How often workers are asked.</summary>
public sealed class DrainPaceTests
{
    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task Workers_that_are_waited_for_are_asked_every_second_at_most()
    {
        _harness.Create(Samples.Pool(change: spec => spec.Drain.Policy = DrainPolicies.IdleOnly));
        await _harness.SettleAsync();
        _harness.Ask(2);
        await _harness.SettleAsync();
        foreach (var pod in _harness.Pods)
            _harness.Workers[pod.Metadata.Name!] = 1;
        _harness.Edit(spec => spec.Scaling.MaxReplicas = 1);
        await _harness.SettleAsync();

        (await _harness.ReconcileAsync()).Should().Be(TimeSpan.FromSeconds(1));
    }
}
