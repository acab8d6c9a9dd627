using System.Globalization;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Controllers;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Drains;

/// <summary>Pools whose workers let every call time out hold up only so many reconciliations at once.</summary>
public sealed class SilentPoolTests : IDisposable
{
    private const int Pools = 7;

    private readonly PoolHarness _harness = new();
    private readonly CancellationTokenSource _stop = new();

    public SilentPoolTests() => _harness.StopWith(_stop.Token);

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task Four_are_called_at_a_time_and_the_others_come_again()
    {
        var names = Enumerable.Range(0, Pools).Select(i => i.ToString("'pool'0", CultureInfo.InvariantCulture)).ToList();
        foreach (var name in names)
            await StartAsync(name);
        _harness.Workers.Drops = true;
        foreach (var name in names)
        {
            _harness.Edit(spec => spec.Scaling.MaxReplicas = 1, name);
            await _harness.ReconcileAsync(name);
        }

        _harness.Time.Advance(TimeSpan.FromSeconds(10));
        _harness.Workers.Hang = true;
        var passes = names.ConvertAll(name => _harness.ReconcileAsync(name));

        await Eventually.IsTrue(() => passes.Count(pass => pass.IsCompleted) == Pools - 4);
        (await passes.Find(pass => pass.IsCompleted)!).Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(3));
        await _stop.CancelAsync();
        await Task.WhenAll(passes).WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
    }

    private async Task StartAsync(string name)
    {
        _harness.Create(Samples.Pool(name, spec => (spec.Scaling.MaxReplicas, spec.Drain.Policy) = (3, DrainPolicies.IdleOnly)));
        await _harness.SettleAsync();
        _harness.Ask(3, name);
        await _harness.SettleAsync();
    }
}
