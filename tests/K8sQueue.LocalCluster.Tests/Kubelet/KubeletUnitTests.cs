using K8sQueue.LocalCluster.Kubelet.Containers;
using K8sQueue.LocalCluster.Kubelet.Environments;
using K8sQueue.LocalCluster.Kubelet.Images;
using K8sQueue.LocalCluster.Kubelet.Pods;
using K8sQueue.LocalCluster.Kubelet.Probes;
using K8sQueue.LocalCluster.Kubelet.Volumes;

namespace K8sQueue.LocalCluster.Tests.Kubelet;

public sealed class KubeletUnitTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Restarts_wait_longer_and_longer_and_from_the_beginning_after_a_long_run()
    {
        var backOff = new CrashBackOff();
        var delays = Enumerable.Range(0, 8).Select(_ => backOff.Next(TimeSpan.FromSeconds(1)).TotalSeconds);

        delays.Should().Equal(0, 10, 20, 40, 80, 160, 300, 300);
        backOff.Next(TimeSpan.FromMinutes(10)).Should().Be(TimeSpan.Zero);
        CrashBackOff.Describe(TimeSpan.FromSeconds(10)).Should().Be("10s");
        CrashBackOff.Describe(TimeSpan.FromSeconds(160)).Should().Be("2m40s");
    }

    [Theory]
    [InlineData("a  b", "a|b")]
    [InlineData("dotnet '/a b/x.dll' --y=\"1 2\"", "dotnet|/a b/x.dll|--y=1 2")]
    [InlineData("a\\ b ''", "a b|")]
    public void A_command_line_is_split_as_a_shell_does(string text, string expected) => CommandLine.Split(text).Should().Equal(expected.Split('|'));

    [Theory]
    [InlineData("k8squeue/worker:dev", "exact")]
    [InlineData("k8squeue/worker:other", "any")]
    [InlineData("k8squeue/worker@sha256:abc", "any")]
    [InlineData("localhost:5000/worker", null)]
    [InlineData("registry:5000/app:1", "port")]
    public void An_image_is_found_by_its_name_or_by_its_repository(string image, string? expected)
    {
        var map = ImageMap.Parse(["k8squeue/worker:dev=exact", "k8squeue/worker=any", "registry:5000/app=port"]);
        (map.Find(image)?.Single()).Should().Be(expected);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("=command")]
    [InlineData("image=")]
    [InlineData("image='open")]
    public void What_is_no_image_setting_is_refused(string setting) =>
        FluentActions.Invoking(() => ImageMap.Parse([setting])).Should().Throw<FormatException>();

    [Theory]
    [InlineData("$(A)/$(B)", "1/2")]
    [InlineData("$(UNKNOWN)", "$(UNKNOWN)")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$A $", "$A $")]
    [InlineData("$(A", "$(A")]
    public void Variables_expand_as_in_Kubernetes(string text, string expected) =>
        VariableExpansion.Expand(text, new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" }).Should().Be(expected);

    [Theory]
    [InlineData("/etc/tls", "/data/tls")]
    [InlineData("/etc/tls/ca.crt", "/data/tls/ca.crt")]
    [InlineData("/etc/tlsx", "/etc/tlsx")]
    [InlineData("--file=/etc/tls", "--file=/etc/tls")]
    public void A_path_below_a_mount_is_rewritten(string text, string expected) =>
        PodVolumes.Rewrite(text, [("tls", "/etc/tls", "/data/tls")]).Should().Be(expected);

    [Fact]
    public void A_probe_changes_its_verdict_at_its_thresholds_only()
    {
        var threshold = new ProbeThreshold(new ProbeSettings(default, default, default, SuccessThreshold: 2, FailureThreshold: 3));
        bool[] attempts = [true, true, false, false, true, false, false, false];

        attempts.Select(threshold.Observe).Should().Equal(null, true, null, null, null, null, null, false);
    }

    [Theory]
    [InlineData("Always", "waiting", false, "Pending")]
    [InlineData("Always", "running", false, "Running")]
    [InlineData("Always", "crashloop", false, "Running")]
    [InlineData("Always", "failed", false, "Running")]
    [InlineData("Always", "failed", true, "Failed")]
    [InlineData("Always", "succeeded", true, "Succeeded")]
    [InlineData("Never", "failed", false, "Failed")]
    [InlineData("Never", "failed,running", false, "Running")]
    [InlineData("Never", "succeeded,succeeded", false, "Succeeded")]
    [InlineData("Never", "succeeded,failed", false, "Failed")]
    [InlineData("OnFailure", "failed", false, "Running")]
    [InlineData("OnFailure", "succeeded", false, "Succeeded")]
    public void The_phase_is_what_the_containers_make_it(string policy, string containers, bool ended, string expected) =>
        PodPhase.Of(policy, [], [.. containers.Split(',').Select(Snapshot)], ended).Should().Be(expected);

    [Fact]
    public void A_pod_waits_for_its_init_containers_and_fails_with_them()
    {
        PodPhase.Of("Always", [Snapshot("running")], [Snapshot("waiting")], ended: false).Should().Be("Pending");
        PodPhase.Of("Never", [Snapshot("failed")], [Snapshot("waiting")], ended: false).Should().Be("Failed");
        PodPhase.Of("Always", [Snapshot("failed")], [Snapshot("waiting")], ended: false).Should().Be("Pending");
    }

    [Fact]
    public void An_address_comes_round_last()
    {
        var addresses = new PodAddresses("127.42", 254 * 254 - 1);

        var last = addresses.Take();
        last.Should().Be("127.42.254.254");
        addresses.Free(last);
        addresses.Take().Should().Be("127.42.1.1");
        addresses.Take().Should().Be("127.42.1.2");
    }

    private static ContainerSnapshot Snapshot(string state)
    {
        var ended = new ContainerState.Terminated(state == "succeeded" ? 0 : 1, "Error", null, Now, Now, "id");
        return state switch
        {
            "waiting" => new("main", "any", new ContainerState.Waiting("ContainerCreating")),
            "running" => new("main", "any", new ContainerState.Running(Now)),
            "crashloop" => new("main", "any", new ContainerState.Waiting("CrashLoopBackOff"), ended),
            _ => new("main", "any", ended),
        };
    }
}
