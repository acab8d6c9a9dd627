using K8sQueue.Kubernetes.Client;
using K8sQueue.Operator.Discovery.Postgres;
using K8sQueue.Operator.Discovery.RabbitMq;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Discovery;

/// <summary>Asks the server that the budget names. Credentials are read each time, and kept no longer than that.</summary>
internal sealed class CapacityReader(IKubernetesClient client, ServerGuard guard) : ICapacityReader
{
    /// <summary>What the operator calls itself at a server.</summary>
    public const string ClientName = "k8squeue-operator";

    /// <summary>The most time that a step of a read takes. The default value is 4 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(4);

    public Task<CapacityReading> ReadAsync(V1Alpha1ConnectionBudget budget, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(budget);
        var secrets = new BudgetSecrets(client, budget.Metadata.Namespace!);
        // Parts of the drivers block: nobody's reconciliation waits for them.
        return Task.Run(() => ReadAsync(budget.Spec, secrets, cancellationToken), cancellationToken);
    }

    private async Task<CapacityReading> ReadAsync(ConnectionBudgetSpec spec, BudgetSecrets secrets, CancellationToken cancellationToken)
    {
        try
        {
            return spec switch
            {
                { Postgresql: { } server } => await PostgresCapacity.ReadAsync(server, secrets, guard, Timeout, cancellationToken).ConfigureAwait(false),
                { Redis: { } server } => await RedisCapacity.ReadAsync(server, secrets, guard, Timeout, cancellationToken).ConfigureAwait(false),
                { Rabbitmq: { } server } => await RabbitMqCapacity.ReadAsync(server, secrets, guard, Timeout, cancellationToken).ConfigureAwait(false),
                _ => throw new InvalidOperationException("The budget names no server."),
            };
        }
        catch (CapacityReadException e)
        {
            // Without the inner exception: a driver's own message is not to be trusted with credentials.
            throw new CapacityReadException(e.Reason, secrets.Clean(e.Message));
        }
    }
}
