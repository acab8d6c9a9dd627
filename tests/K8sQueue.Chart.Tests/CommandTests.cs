using K8sQueue.Chart.Tests.Support;

namespace K8sQueue.Chart.Tests;

/// <summary>What a machine without helm is told.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task A_tool_that_is_missing_is_named_with_what_brings_it()
    {
        var run = () => Command.RunAsync("no-such-helm", []);

        (await run.Should().ThrowAsync<InvalidOperationException>()).WithMessage("no-such-helm is not installed: `make tools`*K8SQUEUE_HELM*");
    }
}
