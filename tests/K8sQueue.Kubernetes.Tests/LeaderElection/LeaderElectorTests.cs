using System.Net;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.LeaderElection;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Kubernetes.Tests.LeaderElection;

public sealed class LeaderElectorTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryKubernetes _kubernetes = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _stopOther = new();

    public void Dispose()
    {
        _stop.Dispose();
        _stopOther.Dispose();
    }

    [Fact]
    public async Task The_first_takes_the_lease_and_renews_it_every_two_seconds()
    {
        var one = Start("one", _stop);
        await Eventually.IsTrue(() => one.Leads);
        var first = await LeaseAsync();

        await AdvanceAsync(TimeSpan.FromSeconds(20));

        var last = await LeaseAsync();
        last!.Spec!.HolderIdentity.Should().Be("one");
        last.Spec.AcquireTime.Should().Be(first!.Spec!.AcquireTime);
        (last.Spec.RenewTime - first.Spec.RenewTime).Should().BeGreaterThan(TimeSpan.FromSeconds(15));
        last.Spec.LeaseTransitions.Should().Be(0);
        last.Spec.LeaseDurationSeconds.Should().Be(15);
        await one.EndAsync();
    }

    [Fact]
    public async Task A_second_waits_while_the_first_renews_and_takes_over_when_it_stops_orderly()
    {
        var one = Start("one", _stop);
        await Eventually.IsTrue(() => one.Leads);
        var two = Start("two", _stopOther);
        await AdvanceAsync(TimeSpan.FromSeconds(60));
        two.Leads.Should().BeFalse();

        await one.EndAsync();
        (await LeaseAsync())!.Spec!.HolderIdentity.Should().BeNullOrEmpty("it was released");
        await AdvanceAsync(TimeSpan.FromSeconds(5));

        await Eventually.IsTrue(() => two.Leads);
        (await LeaseAsync())!.Spec!.LeaseTransitions.Should().Be(1);
        await two.EndAsync();
    }

    [Fact]
    public async Task A_dead_holder_is_followed_after_its_duration_by_the_local_clock_whatever_its_own_clock_says()
    {
        // The record's times lie in the far future: a clock that is wrong, or a trap for those who compare them.
        await PutLeaseAsync("dead", renew: _time.GetUtcNow().AddYears(3), seconds: 15);
        var two = Start("two", _stop);
        await Eventually.IsTrue(() => _time.ActiveTimers > 0);

        await AdvanceAsync(TimeSpan.FromSeconds(14));
        two.Leads.Should().BeFalse();
        await AdvanceAsync(TimeSpan.FromSeconds(8));

        await Eventually.IsTrue(() => two.Leads);
        await two.EndAsync();
    }

    [Fact]
    public async Task The_duration_that_counts_is_that_of_the_record()
    {
        await PutLeaseAsync("dead", renew: _time.GetUtcNow(), seconds: 60);
        var two = Start("two", _stop);
        await Eventually.IsTrue(() => _time.ActiveTimers > 0);

        await AdvanceAsync(TimeSpan.FromSeconds(55));
        two.Leads.Should().BeFalse();
        await AdvanceAsync(TimeSpan.FromSeconds(12));

        await Eventually.IsTrue(() => two.Leads);
        await two.EndAsync();
    }

    [Fact]
    public async Task A_lease_that_nobody_holds_is_free_at_once()
    {
        await PutLeaseAsync(null, renew: _time.GetUtcNow(), seconds: 15);

        var one = Start("one", _stop);

        await Eventually.IsTrue(() => one.Leads);
        await one.EndAsync();
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_is_told_within_ten_seconds_and_before_another_may_lead()
    {
        var one = Start("one", _stop);
        await Eventually.IsTrue(() => one.Leads);
        _kubernetes.BeforeCall = _ => throw new KubernetesApiException(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", "down");

        await AdvanceAsync(TimeSpan.FromSeconds(8));
        one.Lost.Should().BeFalse();
        await AdvanceAsync(TimeSpan.FromSeconds(4));

        await Eventually.IsTrue(() => one.Lost);
        var running = () => one.Running;
        await running.Should().ThrowAsync<LeadershipLostException>();
        one.Leads.Should().BeFalse("its work was cancelled");
    }

    [Fact]
    public async Task A_renewal_that_hangs_is_lost_at_the_deadline_and_not_a_period_later()
    {
        var one = Start("one", _stop);
        await Eventually.IsTrue(() => one.Leads);
        _kubernetes.BeforeCall = _ => new TaskCompletionSource().Task;

        await AdvanceAsync(TimeSpan.FromSeconds(10.5));

        await Eventually.IsTrue(() => one.Lost);
    }

    [Fact]
    public async Task A_leader_outlives_an_outage_shorter_than_the_deadline()
    {
        var one = Start("one", _stop);
        await Eventually.IsTrue(() => one.Leads);
        _kubernetes.BeforeCall = _ => throw new KubernetesApiException(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", "down");
        await AdvanceAsync(TimeSpan.FromSeconds(6));
        _kubernetes.BeforeCall = _ => Task.CompletedTask;

        await AdvanceAsync(TimeSpan.FromSeconds(30));

        await Eventually.IsTrue(() => one.Leads);
        await one.EndAsync();
    }

    [Fact]
    public async Task A_leader_whose_lease_another_took_is_told_at_the_next_renewal()
    {
        var one = Start("one", _stop);
        await Eventually.IsTrue(() => one.Leads);
        var lease = (await LeaseAsync())!;
        lease.Spec!.HolderIdentity = "thief";
        await _kubernetes.ReplaceAsync(lease, default);

        await AdvanceAsync(TimeSpan.FromSeconds(3));

        await Eventually.IsTrue(() => one.Lost);
        (await LeaseAsync())!.Spec!.HolderIdentity.Should().Be("thief", "what is lost is not released");
    }

    [Fact]
    public async Task A_renewal_whose_answer_was_lost_is_no_loss_of_the_lease()
    {
        var one = Start("one", _stop);
        await Eventually.IsTrue(() => one.Leads);
        var lease = (await LeaseAsync())!;
        await _kubernetes.ReplaceAsync(lease, default); // the same content at a newer version, as a renewal that was cut off leaves it

        await AdvanceAsync(TimeSpan.FromSeconds(30));

        await Eventually.IsTrue(() => one.Leads);
        await one.EndAsync();
    }

    [Theory]
    [InlineData(10, 10, 2)]
    [InlineData(15, 10, 9)]
    [InlineData(15, 10, 0)]
    public void Durations_that_cannot_work_are_refused(int duration, int deadline, int retry)
    {
        var create = () => new LeaderElector(
            new LeaderElectionOptions
            {
                LeaseName = "l",
                LeaseNamespace = "n",
                LeaseDuration = TimeSpan.FromSeconds(duration),
                RenewDeadline = TimeSpan.FromSeconds(deadline),
                RetryPeriod = TimeSpan.FromSeconds(retry),
            },
            _kubernetes, _time, NullLogger<LeaderElector>.Instance);

        create.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void No_two_processes_have_the_same_identity() =>
        new LeaderElectionOptions { LeaseName = "l", LeaseNamespace = "n" }.Identity
            .Should().StartWith(Environment.MachineName + "_")
            .And.NotBe(new LeaderElectionOptions { LeaseName = "l", LeaseNamespace = "n" }.Identity);

    // In small steps, with room after each for what it set in motion.
    private async Task AdvanceAsync(TimeSpan by)
    {
        for (var step = TimeSpan.Zero; step < by; step += TimeSpan.FromMilliseconds(250))
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            for (var i = 0; i < 50; i++)
                await Task.Yield();
        }
    }

    private Task<V1Lease?> LeaseAsync() => _kubernetes.GetAsync<V1Lease>("lease", "system", default);

    private Task<V1Lease> PutLeaseAsync(string? holder, DateTimeOffset renew, int seconds) => _kubernetes.CreateAsync(
        new V1Lease
        {
            Metadata = new V1ObjectMeta { Name = "lease", Namespace = "system" },
            Spec = new V1LeaseSpec { HolderIdentity = holder, AcquireTime = renew, RenewTime = renew, LeaseDurationSeconds = seconds },
        },
        default);

    private Candidate Start(string identity, CancellationTokenSource stop)
    {
        var candidate = new Candidate(stop);
        var options = new LeaderElectionOptions
        {
            LeaseName = "lease",
            LeaseNamespace = "system",
            Identity = identity,
            OnLost = () => candidate.Lost = true,
        };
        var elector = new LeaderElector(options, _kubernetes, _time, NullLogger<LeaderElector>.Instance);
        candidate.Running = elector.RunAsync(candidate.WorkAsync, stop.Token);
        return candidate;
    }

    private sealed class Candidate(CancellationTokenSource stop)
    {
        public bool Leads { get; private set; }

        public bool Lost { get; set; }

        public Task Running { get; set; } = Task.CompletedTask;

        public async Task WorkAsync(CancellationToken cancellationToken)
        {
            Leads = true;
            var ended = new TaskCompletionSource();
            await using var registration = cancellationToken.Register(ended.SetResult);
            await ended.Task;
            Leads = false;
        }

        public async Task EndAsync()
        {
            await stop.CancelAsync();
            await Running;
        }
    }
}
