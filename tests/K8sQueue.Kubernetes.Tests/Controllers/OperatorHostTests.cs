using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.LeaderElection;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace K8sQueue.Kubernetes.Tests.Controllers;

public sealed class OperatorHostTests : OperatorTestBase
{
    [Fact]
    public async Task A_stop_lets_a_running_reconciliation_end()
    {
        var release = new TaskCompletionSource();
        Controller.Gate = release.Task;
        await StartAsync();
        await CreateAsync("one");
        await Eventually.IsTrue(() => Controller.Running == 1);

        var stop = Host!.StopAsync();
        stop.IsCompleted.Should().BeFalse();
        release.SetResult();
        await stop;

        Controller.Reconciled.Should().Equal("one");
        Controller.Cancelled.Should().Be(0);
    }

    [Fact]
    public async Task A_reconciliation_that_does_not_end_in_time_for_a_stop_is_cancelled()
    {
        Controller.Gate = new TaskCompletionSource().Task;
        await StartAsync(options: o => o.GracefulStopTimeout = TimeSpan.FromMilliseconds(100));
        await CreateAsync("one");
        await Eventually.IsTrue(() => Controller.Running == 1);

        await Host!.StopAsync();

        Controller.Cancelled.Should().Be(1);
    }

    [Fact]
    public async Task Controllers_run_only_while_the_process_leads_and_the_lease_is_given_back_at_the_end()
    {
        await StartAsync(options: o => o.LeaderElection = new LeaderElectionOptions { LeaseName = "lease", LeaseNamespace = "system", Identity = "me" });
        await CreateAsync("one");
        await Eventually.IsTrue(() => !Controller.Reconciled.IsEmpty);
        var status = Host!.Services.GetRequiredService<OperatorStatus>();
        status.IsLeading.Should().BeTrue();
        status.HasSynced.Should().BeTrue();
        (await Kubernetes.GetAsync<V1Lease>("lease", "system", default))!.Spec!.HolderIdentity.Should().Be("me");

        await Host.StopAsync(CancellationToken.None);

        status.IsLeading.Should().BeFalse();
        (await Kubernetes.GetAsync<V1Lease>("lease", "system", default))!.Spec!.HolderIdentity.Should().BeEmpty();
    }

    [Fact]
    public async Task Nothing_is_reconciled_while_another_leads_though_the_caches_are_full()
    {
        await Kubernetes.CreateAsync(
            new V1Lease
            {
                Metadata = new V1ObjectMeta { Name = "lease", Namespace = "system" },
                Spec = new V1LeaseSpec { HolderIdentity = "other", LeaseDurationSeconds = 3600 },
            },
            default);
        await StartAsync(options: o => o.LeaderElection = new LeaderElectionOptions { LeaseName = "lease", LeaseNamespace = "system" });
        await CreateAsync("one");
        var status = Host!.Services.GetRequiredService<OperatorStatus>();
        await Eventually.IsTrue(() => status.HasSynced);

        status.IsLeading.Should().BeFalse();
        Controller.Reconciled.Should().BeEmpty();
    }

    [Theory]
    [InlineData(typeof(V1Widget))]
    [InlineData(typeof(V1Pod))]
    public async Task A_namespace_that_refuses_is_left_alone_and_is_not_in_the_others_way(Type kind)
    {
        var time = new ManualTimeProvider();
        var refused = true;
        Kubernetes.IsRefused = (type, place) => refused && type == kind && place == "billing";
        await CreateAsync("one");
        await CreateInAsync("billing", "two");
        await StartAsync(options: WatchBoth, configureServices: services => services.AddSingleton<TimeProvider>(time));
        await Eventually.IsTrue(() => Controller.Reconciled.Contains("one"));
        var status = Host!.Services.GetRequiredService<OperatorStatus>();
        status.HasSynced.Should().BeTrue();
        status.Refused.Should().Equal($"{(kind == typeof(V1Pod) ? "pods" : "widgets")} in billing");
        status.RefusedNamespaces.Should().Equal("billing");
        await StepsAsync(time, 3);
        Controller.Reconciled.Should().NotContain("two");

        refused = false;
        await Eventually.IsTrue(() =>
        {
            time.Advance(TimeSpan.FromSeconds(10));
            return Controller.Reconciled.Contains("two");
        });
        status.Refused.Should().BeEmpty();
    }

    [Fact]
    public async Task Where_every_namespace_refuses_the_process_ends_and_names_them()
    {
        Kubernetes.IsRefused = (type, _) => type == typeof(V1Pod);
        var log = new CapturingLoggerProvider();

        await StartAsync(
            options: o =>
            {
                WatchBoth(o);
                o.CacheSyncTimeout = TimeSpan.FromMilliseconds(100);
            },
            log: log);
        await Eventually.IsTrue(() => Host!.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);

        log.Exceptions.OfType<TimeoutException>().Should().Contain(e => e.Message.Contains("pods in billing, pods in shop"));
        Environment.ExitCode = 0;
    }

    private static void WatchBoth(OperatorOptions options)
    {
        options.Namespaces.Add("shop");
        options.Namespaces.Add("billing");
    }

    /// <summary>Lets what waits for the clock have its turn so many times.</summary>
    private async Task StepsAsync(ManualTimeProvider time, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            var lists = Kubernetes.Calls.Count(call => call.StartsWith("list", StringComparison.Ordinal));
            await Eventually.IsTrue(() =>
            {
                time.Advance(TimeSpan.FromSeconds(10));
                return Kubernetes.Calls.Count(call => call.StartsWith("list", StringComparison.Ordinal)) > lists;
            });
        }
    }

    [Fact]
    public async Task Caches_that_do_not_fill_end_the_process_and_say_which()
    {
        Kubernetes.BeforeCall = verb => verb == "list" ? throw new KubernetesApiException("no") : Task.CompletedTask;
        var log = new CapturingLoggerProvider();

        await StartAsync(options: o => o.CacheSyncTimeout = TimeSpan.FromMilliseconds(100), log: log);
        await Eventually.IsTrue(() => Host!.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);

        log.Exceptions.OfType<TimeoutException>().Should().Contain(e => e.Message.Contains("widgets"));
        Environment.ExitCode = 0;
    }
}
