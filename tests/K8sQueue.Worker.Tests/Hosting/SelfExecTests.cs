using K8sQueue.Worker.Hosting;

namespace K8sQueue.Worker.Tests.Hosting;

public sealed class SelfExecTests
{
    [Theory]
    [InlineData("worker\0", new[] { "worker" })]
    [InlineData("worker\0--name\0a b\0", new[] { "worker", "--name", "a b" })]
    [InlineData("worker\0\0--name\0\0\0", new[] { "worker", "", "--name", "", "" })]
    [InlineData("a title that was set", new[] { "a title that was set" })]
    public void The_new_program_has_the_arguments_of_the_old_one(string commandLine, string[] arguments) =>
        SelfExec.Arguments(commandLine).Should().Equal(arguments);
}
