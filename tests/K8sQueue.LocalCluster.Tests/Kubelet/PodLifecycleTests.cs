using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Tests.Controllers;

namespace K8sQueue.LocalCluster.Tests.Kubelet;

public sealed class PodLifecycleTests : IAsyncLifetime
{
    private const string Stubborn = "trap 'echo got TERM' TERM; echo up; while true; do sleep 0.05; done";
    private RunningCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await RunningCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_pod_runs_as_a_process_and_says_so_in_its_status()
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("web", "echo $HOSTNAME; sleep 1000"));

        await _cluster.Eventually(() => StatusConditions.IsTrue(_cluster.Pod("web")["status"], "Ready"));

        var status = _cluster.Pod("web").MapAt("status");
        status.TextAt("phase").Should().Be("Running");
        status.TextAt("podIP").Should().StartWith("127.42.");
        var container = status.ObjectsAt("containerStatuses").Single();
        container.FlagAt("ready").Should().BeTrue();
        container.FlagAt("started").Should().BeTrue();
        container.TextAt("containerID").Should().StartWith("local://");
        foreach (var condition in new[] { "PodScheduled", "Initialized", "ContainersReady", "Ready" })
            StatusConditions.IsTrue(status, condition).Should().BeTrue(condition);
        await _cluster.Eventually(() => _cluster.Log("web") == "web\n");
        await _cluster.EventsCome("web", "Scheduled", "Created", "Started");
    }

    [Fact]
    public async Task Deletion_sends_SIGTERM_and_reports_the_end_before_the_pod_goes()
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("job", "trap 'exit 7' TERM; echo up; while true; do sleep 0.05; done"));
        await _cluster.Eventually(() => _cluster.Log("job") == "up\n");
        var watch = WatchUntilAsync(change => change.Type == "DELETED");

        _cluster.Api.Delete(GroupResource.Pods, "default", "job");

        var seen = await watch;
        var last = seen[^1].Object;
        var end = RunningCluster.State(last).MapAt("terminated");
        end.NumberAt("exitCode").Should().Be(7);
        end.TextAt("reason").Should().Be("Error");
        last.TextAt("status", "phase").Should().Be("Failed");
        var reported = seen.FindIndex(c => RunningCluster.State(c.Object).MapAt("terminated") is not null);
        reported.Should().BeLessThan(seen.Count - 1, "a watcher sees the containers end while the pod is still there");
        _cluster.Events("job").Should().Contain("Killing");
    }

    [Fact]
    public async Task A_pod_that_ignores_SIGTERM_is_killed_after_its_grace_period()
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("stubborn", Stubborn));
        await _cluster.Eventually(() => _cluster.Log("stubborn") == "up\n");

        var told = TimeProvider.System.GetTimestamp();
        _cluster.Api.Delete(GroupResource.Pods, "default", "stubborn", gracePeriodSeconds: 1);

        await _cluster.Eventually(() => !_cluster.Exists("stubborn"));
        TimeProvider.System.GetElapsedTime(told).Should().BeGreaterThan(TimeSpan.FromSeconds(0.9), "it has that long");
    }

    [Fact]
    public async Task A_grace_period_that_is_shortened_later_holds()
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("slow", Stubborn));
        await _cluster.Eventually(() => _cluster.Log("slow") == "up\n");
        _cluster.Api.Delete(GroupResource.Pods, "default", "slow", gracePeriodSeconds: 600);
        await _cluster.Eventually(() => _cluster.Log("slow").Contains("got TERM", StringComparison.Ordinal));
        _cluster.Exists("slow").Should().BeTrue("the grace period is not over");

        _cluster.Api.Delete(GroupResource.Pods, "default", "slow", gracePeriodSeconds: 1);

        await _cluster.Eventually(() => !_cluster.Exists("slow"));
    }

    [Fact]
    public async Task The_end_of_the_main_process_takes_those_along_that_left_its_group()
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script(
            "family", "sleep 987 & setsid sleep 986 & echo $!; trap 'exit 0' TERM; while true; do sleep 0.05; done"));
        await _cluster.Eventually(() => _cluster.Log("family").EndsWith('\n'));
        var child = int.Parse(_cluster.Log("family"), System.Globalization.CultureInfo.InvariantCulture);
        IsRunning(child).Should().BeTrue();

        _cluster.Api.Delete(GroupResource.Pods, "default", "family");

        await _cluster.Eventually(() => !_cluster.Exists("family"));
        await _cluster.Eventually(() => !IsRunning(child));
    }

    [Fact]
    public async Task A_container_that_fails_again_and_again_is_in_CrashLoopBackOff()
    {
        var watch = WatchUntilAsync(change => RunningCluster.State(change.Object).TextAt("waiting", "reason") == "CrashLoopBackOff");

        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("crash", "exit 3"));

        var container = (await watch)[^1].Object.ObjectsAt("status", "containerStatuses").Single();
        container.NumberAt("lastState", "terminated", "exitCode").Should().Be(3);
        container.TextAt("state", "waiting", "message").Should().StartWith("back-off 10s restarting failed container=main pod=crash_default(");
        await _cluster.Eventually(() => _cluster.Pod("crash").ObjectsAt("status", "containerStatuses").Single().NumberAt("restartCount") >= 3);
        _cluster.Events("crash").Should().Contain("BackOff");
    }

    [Theory]
    [InlineData("OnFailure", "exit 0", "Succeeded", "Completed")]
    [InlineData("Never", "exit 0", "Succeeded", "Completed")]
    [InlineData("Never", "exit 4", "Failed", "Error")]
    public async Task A_pod_that_is_done_stays_until_it_is_deleted(string policy, string script, string phase, string reason)
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("done", script, p => p["spec"]!["restartPolicy"] = policy));

        await _cluster.Eventually(() => _cluster.Pod("done").TextAt("status", "phase") == phase);
        RunningCluster.State(_cluster.Pod("done")).TextAt("terminated", "reason").Should().Be(reason);

        _cluster.Api.Delete(GroupResource.Pods, "default", "done");
        await _cluster.Eventually(() => !_cluster.Exists("done"));
    }

    [Fact]
    public async Task An_image_that_nobody_knows_waits_and_says_what_to_do()
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("lost", "", container: c =>
        {
            c["image"] = "nowhere/lost:1";
            c.Remove("command");
        }));

        await _cluster.Eventually(() => RunningCluster.State(_cluster.Pod("lost")).TextAt("waiting", "reason") == "ImagePullBackOff");

        RunningCluster.State(_cluster.Pod("lost")).TextAt("waiting", "message").Should().Contain("--image");
        _cluster.Pod("lost").TextAt("status", "phase").Should().Be("Pending");
    }

    [Fact]
    public async Task A_forced_deletion_ends_the_process_although_the_object_is_gone()
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("forced", "trap '' TERM; echo $$$$; while true; do sleep 0.05; done"));
        await _cluster.Eventually(() => _cluster.Log("forced").EndsWith('\n'));
        var pid = int.Parse(_cluster.Log("forced"), System.Globalization.CultureInfo.InvariantCulture);

        _cluster.Api.Delete(GroupResource.Pods, "default", "forced", gracePeriodSeconds: 0);

        _cluster.Exists("forced").Should().BeFalse();
        await _cluster.Eventually(() => !IsRunning(pid));
    }

    [Fact]
    public async Task Init_containers_run_one_after_the_other_before_the_others()
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("ordered", "cat /scratch/first /scratch/second; sleep 1000", pod =>
        {
            JsonObject Init(string name, string script) => new()
            {
                ["name"] = name,
                ["image"] = "any",
                ["command"] = new JsonArray("/bin/sh", "-c", script),
                ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "scratch", ["mountPath"] = "/scratch" }),
            };
            pod["spec"]!["initContainers"] = new JsonArray(
                Init("one", "echo 1 >\"$LOCALCLUSTER_MOUNT_SCRATCH/first\""),
                Init("two", "test -f \"$LOCALCLUSTER_MOUNT_SCRATCH/first\" && echo 2 >\"$LOCALCLUSTER_MOUNT_SCRATCH/second\""));
            pod["spec"]!["volumes"] = new JsonArray(new JsonObject { ["name"] = "scratch", ["emptyDir"] = new JsonObject() });
        }, container =>
        {
            container["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "scratch", ["mountPath"] = "/scratch" });
            container["command"] = new JsonArray("/bin/cat", "/scratch/first", "/scratch/second");
        }));

        await _cluster.Eventually(() => _cluster.Log("ordered").StartsWith("1\n2\n", StringComparison.Ordinal));
        _cluster.Pod("ordered").ObjectsAt("status", "initContainerStatuses").Select(c => c.FlagAt("ready")).Should().Equal(true, true);
    }

    [Fact]
    public async Task The_end_of_the_cluster_leaves_no_process()
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("left", "setsid sleep 985 & echo $!; sleep 1000"));
        await _cluster.Eventually(() => _cluster.Log("left").EndsWith('\n'));
        var child = int.Parse(_cluster.Log("left"), System.Globalization.CultureInfo.InvariantCulture);

        await _cluster.StopAsync();

        await _cluster.Eventually(() => !IsRunning(child));
    }

    /// <summary>The changes of pods from this call on, to the first of which the condition holds.</summary>
    private async Task<List<ClusterEvent>> WatchUntilAsync(Func<ClusterEvent, bool> isLast)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var seen = new List<ClusterEvent>();
        await foreach (var change in _cluster.Api.WatchAsync(GroupResource.Pods, stop.Token))
        {
            seen.Add(change);
            if (isLast(change))
                break;
        }

        return seen;
    }

    /// <summary>A zombie has ended: who should reap it is the machine's init.</summary>
    private static bool IsRunning(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
