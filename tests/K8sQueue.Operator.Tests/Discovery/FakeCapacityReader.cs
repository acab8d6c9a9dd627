using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Tests.Discovery;

/// <summary>A server that says what a test sets, fails, or never answers.</summary>
internal sealed class FakeCapacityReader : ICapacityReader
{
    public CapacityReading Reading { get; set; } = new(100, "as a test says", []);

    public Exception? Failure { get; set; }

    /// <summary>Until it is set: reads don't come back.</summary>
    public TaskCompletionSource? Silence { get; set; }

    public int Reads { get; private set; }

    public void Shows(params (string Name, int Count)[] live) =>
        Reading = Reading with { Live = [.. live.Select(item => new LiveConnections(item.Name, "10.0.0.1", item.Count))], Hidden = null };

    public async Task<CapacityReading> ReadAsync(V1Alpha1ConnectionBudget budget, CancellationToken cancellationToken)
    {
        Reads++;
        if (Silence is { } silence)
            await silence.Task;
        return Failure is null ? Reading : throw Failure;
    }
}
