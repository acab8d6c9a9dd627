using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Caching;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Controllers;

internal enum ChildOutcome
{
    Unchanged,
    Created,
    Updated,

    /// <summary>There is one of that name that is not this pool's. It is left alone.</summary>
    Foreign,

    /// <summary>It belongs to an earlier pool of the same name, and goes as garbage.</summary>
    Former,
}

/// <summary>
/// Makes and keeps what a pool owns: created by POST, and from then on applied to that very UID, so that nothing foreign is ever adopted. Nothing
/// is written where nothing changed.
/// </summary>
internal sealed class ChildWriter(IKubernetesClient client)
{
    /// <param name="cached">The object as last seen, if it was.</param>
    public async Task<ChildOutcome> EnsureAsync<T>(V1Alpha1WorkerPool pool, T desired, T? cached, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        if (cached is null)
        {
            if (await TryCreateAsync(desired, cancellationToken).ConfigureAwait(false) is not null)
                return ChildOutcome.Created;
            cached = await client.GetAsync<T>(desired.Metadata.Name!, desired.Metadata.Namespace, cancellationToken).ConfigureAwait(false);
            if (cached is null)
                return ChildOutcome.Unchanged;
        }

        if (!cached.IsControlledBy(pool))
            return Stranger(pool, cached);
        if (Same(desired, cached))
            return ChildOutcome.Unchanged;
        desired.Metadata.Uid = cached.Metadata.Uid;
        var applied = await client.ApplyAsync(desired, Labels.FieldManager, cancellationToken).ConfigureAwait(false);
        await RemoveLeftoversAsync(desired, applied, cancellationToken).ConfigureAwait(false);
        return ChildOutcome.Updated;
    }

    /// <summary>Returns what was made; null where there is one already.</summary>
    public async Task<T?> TryCreateAsync<T>(T desired, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        try
        {
            return await client.CreateAsync(desired, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            return null;
        }
    }

    /// <summary>What one that is not the pool's is to it.</summary>
    public static ChildOutcome Stranger(V1Alpha1WorkerPool pool, IKubernetesObject live) =>
        live.ControllerReference() is { } owner && owner.Kind == ResourceType<V1Alpha1WorkerPool>.Kind
        && owner.ApiVersion == ResourceType<V1Alpha1WorkerPool>.ApiVersion && owner.Name == pool.Metadata.Name
            ? ChildOutcome.Former
            : ChildOutcome.Foreign;

    private static bool Same<T>(T desired, T live)
        where T : class, IKubernetesObject =>
        SameSpec(SpecOf(desired), live)
        && desired.Metadata.Labels!.All(label => live.Label(label.Key) == label.Value);

    private static bool SameSpec<T>(JsonNode? desired, T live)
        where T : class, IKubernetesObject => live is ISpecDigest { SpecDigest: { } digest }
            ? desired is not null && SpecDigest.Of(desired) == digest
            : JsonNode.DeepEquals(desired, SpecOf(live));

    private static JsonNode? SpecOf<T>(T value)
        where T : class, IKubernetesObject => OperatorJson.ToObject(value)["spec"];

    /// <summary>
    /// What the POST set stays when a later apply leaves it out (the POST is another owner of the field), so it is removed by name.
    /// </summary>
    private async Task RemoveLeftoversAsync<T>(T desired, T applied, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var leftovers = Leftovers(SpecOf(desired), SpecOf(applied), "/spec").ToList();
        if (leftovers.Count == 0)
            return;
        var patch = new JsonArray(new JsonObject { ["op"] = "test", ["path"] = "/metadata/uid", ["value"] = applied.Metadata.Uid });
        foreach (var path in leftovers)
            patch.Add(new JsonObject { ["op"] = "remove", ["path"] = path });
        await client.PatchAsync<T>(
            desired.Metadata.Name!, desired.Metadata.Namespace, new KubernetesPatch(patch, KubernetesPatch.JsonPatch), null, cancellationToken)
            .ConfigureAwait(false);
    }

    private static IEnumerable<string> Leftovers(JsonNode? desired, JsonNode? live, string path)
    {
        if (desired is not JsonObject wanted || live is not JsonObject present)
            yield break;
        foreach (var (key, value) in present)
        {
            var below = $"{path}/{key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (!wanted.ContainsKey(key))
            {
                yield return below;
                continue;
            }

            foreach (var leftover in Leftovers(wanted[key], value, below))
                yield return leftover;
        }
    }
}
