using System.Globalization;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Resources.Triggers;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>Looks whether what the spec names is there. Secrets are read one by one, by name; only whether the key exists is looked at.</summary>
internal sealed class PoolReferences(IKubernetesClient client, PoolStores stores, TimeProvider time)
{
    private static readonly TimeSpan Missing = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Present = TimeSpan.FromMinutes(5);

    public async Task CheckAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        foreach (var problem in await SecretsAsync(pass, cancellationToken).ConfigureAwait(false))
            pass.Report(problem.Reason, problem.Message);
        foreach (var connection in pass.Charges)
            CheckBudget(pass, connection);
    }

    private async Task<IReadOnlyList<PoolProblem>> SecretsAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        var references = ReferencesOf(pass.Spec).DistinctBy(reference => (reference.Name, reference.Key)).ToList();
        var authentications = AuthenticationsOf(pass.Namespace, pass.Spec);
        var key = string.Join('|', references.Select(reference => $"{reference.Name}/{reference.Key}").Concat(authentications));
        if (pass.Memory.References is { } known && known.Key == key
            && time.GetElapsedTime(known.At) < (known.Value.Count > 0 ? Missing : Present))
        {
            if (known.Value.Count > 0)
                pass.LookAgain(Missing);
            return known.Value;
        }

        var problems = new List<PoolProblem>();
        foreach (var reference in references)
        {
            if (await LookAsync(pass, reference, cancellationToken).ConfigureAwait(false) is { } problem)
                problems.Add(problem);
        }

        foreach (var name in authentications)
        {
            if (await LookAsync(pass, name, cancellationToken).ConfigureAwait(false) is { } problem)
                problems.Add(problem);
        }

        pass.Memory.References = new(key, problems, time.GetTimestamp());
        if (problems.Count > 0)
            pass.LookAgain(Missing);
        return problems;
    }

    private async Task<PoolProblem?> LookAsync(PoolPass pass, SecretKeyReference reference, CancellationToken cancellationToken)
    {
        try
        {
            var secret = await client.GetAsync<V1Secret>(reference.Name, pass.Namespace, cancellationToken).ConfigureAwait(false);
            if (secret is null)
            {
                return new(
                    Reasons.SecretNotFound, $"There is no Secret '{reference.Name}' in {pass.Namespace}: create it with the key '{reference.Key}'.");
            }

            return secret.Data?.ContainsKey(reference.Key) == true
                ? null
                : new(Reasons.SecretNotFound, $"The Secret '{reference.Name}' has no key '{reference.Key}': add it.");
        }
        catch (KubernetesApiException e)
        {
            return new(Reasons.ApiCallFailed, $"The Secret '{reference.Name}' can't be read: {e.Message}");
        }
    }

    private async Task<PoolProblem?> LookAsync(PoolPass pass, string authentication, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync<V1Alpha1TriggerAuthentication>(authentication, pass.Namespace, cancellationToken).ConfigureAwait(false) is not null
                ? null
                : new(
                    Reasons.TriggerAuthenticationNotFound,
                    $"There is no TriggerAuthentication '{authentication}' in {pass.Namespace}, which a queue's keda.authenticationRef names: create it.");
        }
        catch (KubernetesApiException e)
        {
            return new(Reasons.ApiCallFailed, $"The TriggerAuthentication '{authentication}' can't be read: {e.Message}");
        }
    }

    private void CheckBudget(PoolPass pass, PoolCharge connection)
    {
        var budget = stores.Budgets.Get(new NamespacedName(pass.Namespace, connection.Budget));
        if (budget is null || budget.IsDeleting())
        {
            pass.Report(Reasons.BudgetNotFound,
                PoolReports.BudgetNotFound(connection.Budget, pass.Namespace));
            return;
        }

        if (BudgetCapacity.Of(budget) is null)
        {
            pass.Report(Reasons.CapacityUnknown,
                $"The capacity of the budget '{connection.Budget}' is not known, so no replica is added: see its Discovered condition.");
            return;
        }

        var usable = ConnectionLedger.Usable(budget);
        if (connection.PerReplica > usable)
        {
            pass.Report(Reasons.ReplicaOverCapacity, string.Create(CultureInfo.InvariantCulture,
                $"A replica takes {connection.PerReplica} connections of '{connection.Budget}', which has {usable} to give: "
                + $"lower perReplica or raise the capacity."));
            return;
        }

        var minimums = stores.Allocations.MinimumsOf(pass.Pool, connection.Budget);
        if (minimums > usable)
        {
            pass.Report(Reasons.MinimumsOverCapacity, string.Create(CultureInfo.InvariantCulture,
                $"The minReplicas of the pools of '{connection.Budget}' take {minimums} connections, which has {usable} to give: "
                + $"lower them or raise the capacity."));
        }
    }

    /// <summary>Those that the queues name, however they are read.</summary>
    private static IEnumerable<SecretKeyReference> ReferencesOf(WorkerPoolSpec spec) =>
        QueueTriggers.OfAll("", spec.Queues, push: null).SelectMany(queue => queue.Authentication?.SecretTargetRef ?? [])
            .Select(reference => new SecretKeyReference { Name = reference.Name, Key = reference.Key });

    /// <summary>Those of others that raw triggers name. One of the cluster is KEDA's to find.</summary>
    private List<string> AuthenticationsOf(string @namespace, WorkerPoolSpec spec) => !stores.KedaIsServed(@namespace) ? [] :
        [.. spec.Queues.Select(queue => queue.Keda?.AuthenticationRef).OfType<KedaAuthenticationReference>()
            .Where(reference => reference.Kind == "TriggerAuthentication").Select(reference => reference.Name).Distinct(StringComparer.Ordinal)];
}
