using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Controllers;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Drains;

/// <summary>What a pool's status says while a scale-in waits.</summary>
public sealed class DrainStatusTests
{
    private readonly PoolHarness _harness = new();
    private int _statusWrites;

    [Fact]
    public async Task A_worker_that_does_not_answer_stays_named_between_the_looks_at_it()
    {
        var names = await StartAsync(3);
        _harness.Workers.Silent.Add(names[0]);
        _harness.Workers[names[1]] = 1;
        _harness.Workers[names[2]] = 1;
        Limit(1);
        await _harness.SettleAsync();
        IsNamed(names[0]).Should().BeTrue();
        CountStatusWrites();

        for (var i = 0; i < 600; i++)
        {
            _harness.Time.Advance(TimeSpan.FromMilliseconds(100));
            await _harness.ReconcileAsync();
            IsNamed(names[0]).Should().BeTrue();
        }

        _statusWrites.Should().Be(0);
        _harness.Workers.Silent.Clear();
        _harness.Time.Advance(TimeSpan.FromSeconds(10));
        await _harness.ReconcileAsync();
        IsNamed(names[0]).Should().BeFalse();
    }

    [Fact]
    public async Task A_worker_that_does_not_answer_stays_named_while_it_is_the_turn_of_others()
    {
        var names = await StartAsync(600);
        foreach (var name in names)
            _harness.Workers[name] = 1;
        _harness.Workers.Silent.Add(names[300]);
        Limit(599);
        for (var round = 0; round < 3; round++)
            await LookAsync();
        CountStatusWrites();

        for (var round = 0; round < 20; round++)
        {
            IsNamed(names[300]).Should().BeTrue();
            await LookAsync();
        }

        _statusWrites.Should().Be(0);

        async Task LookAsync()
        {
            await _harness.ReconcileAsync();
            _harness.Time.Advance(TimeSpan.FromMilliseconds(1_001));
        }
    }

    [Fact]
    public async Task A_worker_that_does_not_answer_is_named_no_more_once_nobody_has_to_go()
    {
        var names = await StartAsync(3);
        _harness.Workers.Silent.Add(names[0]);
        _harness.Workers[names[1]] = 1;
        _harness.Workers[names[2]] = 1;
        Limit(2);
        await _harness.SettleAsync();
        IsNamed(names[0]).Should().BeTrue();

        Limit(3);
        await _harness.SettleAsync();

        _harness.Condition("Draining").Reason.Should().Be("NothingDrains");
    }

    private bool IsNamed(string pod) =>
        _harness.Condition("Draining") is { Reason: "WorkersUnreachable" } condition && condition.Message!.Contains(pod, StringComparison.Ordinal);

    private void CountStatusWrites() => _harness.Client.Before = call =>
    {
        _statusWrites += call == "status workerpools" ? 1 : 0;
        return Task.CompletedTask;
    };

    private async Task<IReadOnlyList<string>> StartAsync(int workers)
    {
        _harness.Create(Samples.Pool(change: spec =>
        {
            spec.Drain.Policy = DrainPolicies.IdleOnly;
            spec.Drain.TimeoutSeconds = 3_600;
            spec.Scaling.MaxReplicas = workers;
        }));
        await _harness.SettleAsync();
        _harness.Ask(workers);
        await _harness.SettleAsync();
        return Names();
    }

    private void Limit(int replicas) => _harness.Edit(spec => spec.Scaling.MaxReplicas = replicas);

    private List<string> Names() => [.. _harness.Pods.Where(pod => !pod.IsDeleting()).Select(pod => pod.Metadata.Name!).Order(StringComparer.Ordinal)];
}
