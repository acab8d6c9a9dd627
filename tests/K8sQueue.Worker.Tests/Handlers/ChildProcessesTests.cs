using K8sQueue.Worker.Handlers.Exec;

namespace K8sQueue.Worker.Tests.Handlers;

public sealed class ChildProcessesTests
{
    [Theory]
    [InlineData("7 (sh) Z 1 7 9 0 -1", true)]
    [InlineData("7 (a) Z 1 (b) Z 1 7 9 0 -1", true)]
    [InlineData("7 (sh) Z 1 7 5 0 -1", false)]
    [InlineData("7 (sh) S 1 7 9 0 -1", false)]
    [InlineData("7 (sh) Z 2 7 9 0 -1", false)]
    [InlineData("7 (sh) Z 1 7 x 0 -1", false)]
    [InlineData("7 (sh) Z 1", false)]
    [InlineData("7 (sh)", false)]
    [InlineData("", false)]
    public void Zombies_of_other_sessions_are_reaped_and_what_cant_be_read_is_none(string stat, bool isOne) =>
        ChildProcesses.IsOrphanedZombie(stat, session: 5).Should().Be(isOne);
}
