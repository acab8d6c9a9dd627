using K8sQueue.LocalCluster.Kubelet.Processes;

namespace K8sQueue.LocalCluster.Tests.Kubelet;

public sealed class WatchdogTests
{
    [Fact]
    public async Task The_end_of_the_pipe_ends_every_process_of_the_instance_and_no_other()
    {
        var directory = Directory.CreateTempSubdirectory("k8squeue-watchdog-");
        var (mine, others) = ($"{Guid.NewGuid():N}", $"{Guid.NewGuid():N}");
        var pod = Start(directory.FullName, mine);
        var foreign = Start(directory.FullName, others);
        var watchdog = new Watchdog(mine);
        pod.Exited.IsCompleted.Should().BeFalse();

        // What a SIGKILL of LocalCluster does: the system closes its end of the pipe.
        watchdog.Dispose();

        (await pod.Exited.WaitAsync(TimeSpan.FromSeconds(60))).Should().Be(137);
        foreign.Exited.IsCompleted.Should().BeFalse();
        ProcessMarkers.KillAll(ProcessMarkers.Instance, others);
        await foreign.Exited;
        directory.Delete(recursive: true);
    }

    [Fact]
    public void A_command_that_is_not_there_is_said_before_anything_starts() =>
        FluentActions.Invoking(() => ProcessGroup.Start(Spec("/", "no-such-command"), "x")).Should().Throw<FileNotFoundException>().WithMessage("*executable file not found*");

    private static ProcessGroup Start(string directory, string instance) => ProcessGroup.Start(Spec(directory, "sleep", "1000"), instance);

    private static ProcessSpec Spec(string directory, params string[] command) => new(
        command, new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! }, directory, Path.Combine(directory, "log"), $"{Guid.NewGuid():N}");
}
