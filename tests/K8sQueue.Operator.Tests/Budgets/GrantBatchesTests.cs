using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Budgets;

public sealed class GrantBatchesTests
{
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly KeyedLocks _locks = new();
    private readonly FakeCluster _cluster;
    private readonly FakeKubernetesClient _client;
    private readonly GrantBatches _batches;

    public GrantBatchesTests()
    {
        var time = new ManualTimeProvider();
        _cluster = new FakeCluster(time);
        _client = new FakeKubernetesClient(_cluster) { Before = RecordAsync };
        _batches = new GrantBatches(new GrantProtocol(_client, new EndedPods(time), time), _locks);
    }

    [Fact]
    public async Task Pools_that_ask_while_a_grant_is_under_way_share_the_next_one()
    {
        _cluster.Create(Samples.Budget("a", 10));
        Waiting("emails", "orders", "sms");

        var outcomes = await TogetherAsync("emails", "orders", "sms");

        outcomes.Should().AllBeEquivalentTo(new GrantOutcome(1, 0, null, null));
        _calls.Should().Equal("get connectionbudgets", "list pods", "status connectionbudgets", "patch pods", "patch pods", "patch pods");
    }

    [Fact]
    public async Task What_one_pool_of_a_batch_gets_the_next_one_does_not()
    {
        _cluster.Create(Samples.Budget("a", 2));
        Waiting("emails", "orders", "sms");

        var outcomes = await TogetherAsync("emails", "orders", "sms");

        outcomes.Should().Equal(new GrantOutcome(1, 0, null, null), new GrantOutcome(1, 0, null, null), new GrantOutcome(0, 1, "a", null));
        _cluster.Get<V1Pod>("sms", Samples.Namespace)!.IsGated().Should().BeTrue();
    }

    [Fact]
    public async Task Nobody_is_taken_in_after_the_reading_has_begun()
    {
        _cluster.Create(Samples.Budget("a", 10));
        Waiting("emails");
        var reading = new TaskCompletionSource();
        _client.Before = call => RecordAsync(call).ContinueWith(_ => call == "list pods" ? reading.Task : Task.CompletedTask, TaskScheduler.Default).Unwrap();

        var first = GrantAsync("emails");
        await Eventually.IsTrue(() => _calls.Contains("list pods"));
        Waiting("sms");
        var second = GrantAsync("sms");
        reading.SetResult();

        (await first).Granted.Should().Be(1);
        (await second).Granted.Should().Be(1);
        _calls.Count(call => call == "list pods").Should().Be(2, "what was read before the second pool asked may not show its pods");
    }

    [Fact]
    public async Task A_failure_is_everybodys_and_the_next_batch_starts_afresh()
    {
        _cluster.Create(Samples.Budget("a", 10));
        Waiting("emails", "sms");
        _client.Before = _ => throw new KubernetesApiException("injected");

        var both = () => TogetherAsync("emails", "sms");

        await both.Should().ThrowAsync<KubernetesApiException>();
        _client.Before = RecordAsync;
        (await GrantAsync("sms")).Granted.Should().Be(1);
    }

    [Fact]
    public async Task Pools_with_other_budgets_are_served_apart()
    {
        _cluster.Create(Samples.Budget("a", 10));
        _cluster.Create(Samples.Budget("b", 10));
        Waiting("emails");
        _cluster.Create(Samples.GatedPod("sms", "sms", "r", """{"b":1}"""));

        var outcomes = await Task.WhenAll(GrantAsync("emails"), GrantAsync("sms", "b"));

        outcomes.Should().AllBeEquivalentTo(new GrantOutcome(1, 0, null, null));
        _calls.Count(call => call == "list pods").Should().Be(2);
    }

    private Task RecordAsync(string call)
    {
        _calls.Enqueue(call);
        return Task.CompletedTask;
    }

    private void Waiting(params string[] pools)
    {
        foreach (var pool in pools)
            _cluster.Create(Samples.GatedPod(pool, pool, "r", """{"a":1}"""));
    }

    /// <summary>All ask while somebody else has the budget.</summary>
    private async Task<GrantOutcome[]> TogetherAsync(params string[] pools)
    {
        Task<GrantOutcome>[] grants;
        using (await _locks.TakeAsync([$"{Samples.Namespace}/a"], CancellationToken.None))
            grants = [.. pools.Select(pool => GrantAsync(pool))];
        return await Task.WhenAll(grants);
    }

    private Task<GrantOutcome> GrantAsync(string pool, string budget = "a") => _batches.GrantAsync(
        new GrantRequest(
            Samples.Namespace, pool, new Dictionary<string, int> { ["r"] = 10 }, _cluster.List<V1Pod>(null).Select(pod => pod.Metadata.Uid!).ToHashSet())
        {
            Budgets = [budget],
        },
        CancellationToken.None);
}
