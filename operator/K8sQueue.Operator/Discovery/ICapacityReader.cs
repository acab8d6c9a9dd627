using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Discovery;

/// <summary>Asks the server of a budget for its connections.</summary>
public interface ICapacityReader
{
    /// <exception cref="CapacityReadException">It can't be read; the message has no credentials in it.</exception>
    Task<CapacityReading> ReadAsync(V1Alpha1ConnectionBudget budget, CancellationToken cancellationToken);
}
