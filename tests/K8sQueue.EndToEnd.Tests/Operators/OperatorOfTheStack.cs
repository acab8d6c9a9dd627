using K8sQueue.Quickstart.Stack;

namespace K8sQueue.EndToEnd.Tests.Operators;

/// <summary>A process of this machine, with the rights of deploy/operator.</summary>
internal sealed class OperatorOfTheStack(LocalStack stack) : IOperatorUnderTest
{
    public Task KillAsync() => stack.KillOperatorAsync();

    public Task StartAsync() => stack.StartOperatorAsync(CancellationToken.None);

    public Task<string> TailAsync() => Task.FromResult(stack.Operator?.Tail() ?? "");
}
