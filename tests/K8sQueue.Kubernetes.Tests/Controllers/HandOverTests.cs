using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.LeaderElection;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace K8sQueue.Kubernetes.Tests.Controllers;

public sealed class HandOverTests : OperatorTestBase
{
    // The longest that a candidate waits between two looks, jitter and all. A hand-over takes no more of time than that.
    private static readonly TimeSpan LongestWait = new LeaderElectionOptions { LeaseName = "", LeaseNamespace = "" }.CandidatePeriod * LeaderElector.JitterFactor;

    private readonly WidgetController _other = new();
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_clean_stop_hands_over_to_a_warm_standby_in_under_two_seconds()
    {
        using var leader = Build(Controller, options: Elect("one"), configureServices: UseClock);
        using var standby = Build(_other, options: Elect("two"), configureServices: UseClock);
        await leader.StartAsync();
        await CreateAsync("early");
        await Eventually.IsTrue(() => !Controller.Reconciled.IsEmpty);
        await standby.StartAsync();
        await Eventually.IsTrue(() => Status(standby).HasSynced);
        await StandbyWaitsAsync();
        var lists = Kubernetes.Calls.Count(c => c.StartsWith("list", StringComparison.Ordinal));

        await leader.StopAsync();
        await CreateAsync("late");
        _time.Advance(LongestWait);
        await Eventually.IsTrue(() => _other.Reconciled.Contains("early") && _other.Reconciled.Contains("late"));

        Kubernetes.Calls.Count(c => c.StartsWith("list", StringComparison.Ordinal)).Should().Be(lists, "its caches were full before it led");
        Controller.Reconciled.Should().NotContain("late");
        await standby.StopAsync();
    }

    [Fact]
    public async Task The_lease_is_kept_until_the_last_reconciliation_has_ended_and_no_new_one_begins_meanwhile()
    {
        var release = new TaskCompletionSource();
        Controller.Gate = release.Task;
        using var leader = Build(Controller, options: Elect("one"));
        using var standby = Build(_other, options: Elect("two"));
        await leader.StartAsync();
        foreach (var name in new[] { "a", "b", "c", "d" })
            await CreateAsync(name);
        await Eventually.IsTrue(() => Controller.Running == 2);
        await standby.StartAsync();
        await Eventually.IsTrue(() => Status(standby).HasSynced);

        var stop = leader.StopAsync();
        var looked = Kubernetes.Calls.Count;
        await Eventually.IsTrue(() => Kubernetes.Calls.Skip(looked).Count(c => c == "get V1Lease lease") >= 2);
        Status(standby).IsLeading.Should().BeFalse();
        Controller.Running.Should().Be(2);
        release.SetResult();
        await stop;

        Controller.Reconciled.Should().HaveCount(2, "the two that ran end, the two that waited are the standby's");
        await Eventually.IsTrue(() => _other.Reconciled.Count == 4);
        await standby.StopAsync();
    }

    [Fact]
    public async Task What_runs_hears_of_a_stop_so_that_it_need_not_be_waited_for()
    {
        var told = new TaskCompletionSource();
        Controller.Gate = told.Task;
        using var leader = Build(Controller, options: Elect("one"), configureServices: UseClock);
        using var standby = Build(_other, options: Elect("two"), configureServices: UseClock);
        await leader.StartAsync();
        foreach (var name in new[] { "a", "b", "c", "d" })
            await CreateAsync(name);
        await Eventually.IsTrue(() => Controller.Running == 2);
        await using var registration = Status(leader).Stopping.UnsafeRegister(_ => told.TrySetResult(), null);
        await standby.StartAsync(CancellationToken.None);
        await Eventually.IsTrue(() => Status(standby).HasSynced);
        await StandbyWaitsAsync();

        await leader.StopAsync(CancellationToken.None);
        _time.Advance(LongestWait);
        await Eventually.IsTrue(() => _other.Reconciled.Count == 4);

        Controller.Cancelled.Should().Be(0);
        await standby.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_lost_lease_cancels_what_runs_at_once_whatever_the_time_for_an_orderly_stop()
    {
        Controller.Gate = new TaskCompletionSource().Task;
        var lost = false;
        using var leader = Build(Controller, options: Elect("one", onLost: () => lost = true));
        await leader.StartAsync();
        await CreateAsync("one");
        await Eventually.IsTrue(() => Controller.Running == 1);

        var lease = (await Kubernetes.GetAsync<V1Lease>("lease", "system", default))!;
        lease.Spec!.HolderIdentity = "thief";
        await Kubernetes.ReplaceAsync(lease, default);

        await Eventually.IsTrue(() => Controller.Cancelled == 1);
        lost.Should().BeTrue();
        await leader.StopAsync();
        Environment.ExitCode = 0;
    }

    [Fact]
    public async Task A_stop_begins_though_another_service_does_not_end()
    {
        var release = new TaskCompletionSource();
        using var leader = Build(Controller, options: Elect("one"), configureServices: services => services.AddHostedService(_ => new Hanging(release.Task)));
        await leader.StartAsync();
        await Eventually.IsTrue(() => Status(leader).IsLeading);

        var stop = leader.StopAsync();

        await Eventually.IsTrue(async () => (await Kubernetes.GetAsync<V1Lease>("lease", "system", default))!.Spec!.HolderIdentity is "");
        stop.IsCompleted.Should().BeFalse();
        release.SetResult();
        await stop;
    }

    private void UseClock(IServiceCollection services) => services.AddSingleton<TimeProvider>(_time);

    // It has found the lease held. Whoever leads has no timer that is due so soon.
    private Task StandbyWaitsAsync() => Eventually.IsTrue(() => _time.HasTimer(left => left <= LongestWait));

    private static OperatorStatus Status(IHost host) => host.Services.GetRequiredService<OperatorStatus>();

    private static Action<OperatorOptions> Elect(string identity, Action? onLost = null) => options => options.LeaderElection = new LeaderElectionOptions
    {
        LeaseName = "lease",
        LeaseNamespace = "system",
        Identity = identity,
        OnLost = onLost ?? (() => throw new InvalidOperationException($"{identity} lost the lease.")),
    };

    private sealed class Hanging(Task end) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => end;
    }
}
