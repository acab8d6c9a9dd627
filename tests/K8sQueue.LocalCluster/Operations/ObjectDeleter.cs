using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>DELETE: at once, or marked until finalizers, or a pod's grace period, are done.</summary>
internal sealed class ObjectDeleter(ObjectStore store, ObjectReader reader, ObjectPipeline pipeline, TimeProvider time)
{
    private const long DefaultPodGraceSeconds = 30;

    /// <returns>The last state, and whether the object is gone.</returns>
    /// <exception cref="ClusterApiException">NotFound, Conflict, Forbidden.</exception>
    public (JsonObject Value, bool Gone) Delete(ResourceEndpoint endpoint, string? @namespace, string name, DeleteOptions options)
    {
        while (true)
        {
            var stored = reader.Get(endpoint, @namespace, name);
            CheckPreconditions(endpoint, stored.Value, options);
            pipeline.ValidateDelete(endpoint, stored.Value);
            var value = stored.Value.Copy();
            var finalizers = value.Finalizers().ToList();
            if (!value.IsDeleting())
                SetPropagation(finalizers, options.Propagation);
            value.SetFinalizers(finalizers);
            Mark(endpoint, value, options);
            if (options.DryRun)
                return (endpoint.FromStorage(value), false);
            if (ObjectUpdater.IsFinallyGone(endpoint, value))
            {
                if (store.TryRemove(stored, finalizers.Count == stored.Value.Finalizers().Count && !Graceful(endpoint) ? null : value) is { } gone)
                    return (endpoint.FromStorage(gone.Value), true);
            }
            else if (JsonNode.DeepEquals(value, stored.Value))
            {
                return (endpoint.FromStorage(stored.Value), false);
            }
            else if (store.TryReplace(stored, value) is { } marked)
            {
                return (endpoint.FromStorage(marked.Value), false);
            }
        }
    }

    private void Mark(ResourceEndpoint endpoint, JsonObject value, DeleteOptions options)
    {
        var metadata = value.Metadata();
        var grace = Graceful(endpoint) ? PodGrace(value, options.GracePeriodSeconds) : 0;
        var asked = value.NumberAt("metadata", "deletionGracePeriodSeconds");
        if (value.IsDeleting() && asked <= grace)
            return;
        var start = value.IsDeleting() && asked is { } before
            ? value.At("metadata", "deletionTimestamp").Time()!.Value.AddSeconds(-before)
            : time.GetUtcNow();
        metadata["deletionTimestamp"] = ObjectMeta.Timestamp(start.AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
        if (endpoint.Type.HasGeneration && asked is null)
            metadata["generation"] = (value.NumberAt("metadata", "generation") ?? 0) + 1;
        if (endpoint.Type.Resource == GroupResource.Namespaces)
            value.Need("status")["phase"] = "Terminating";
    }

    private static bool Graceful(ResourceEndpoint endpoint) => endpoint.Type.Resource == GroupResource.Pods;

    /// <summary>A pod that no kubelet has, or that has ended, goes at once.</summary>
    private static long PodGrace(JsonObject pod, long? asked)
    {
        if (string.IsNullOrEmpty(pod.TextAt("spec", "nodeName")) || pod.TextAt("status", "phase") is "Succeeded" or "Failed")
            return 0;
        return asked ?? pod.NumberAt("spec", "terminationGracePeriodSeconds") ?? DefaultPodGraceSeconds;
    }

    private static void SetPropagation(List<string> finalizers, Propagation propagation)
    {
        finalizers.Remove("orphan");
        finalizers.Remove("foregroundDeletion");
        if (propagation == Propagation.Orphan)
            finalizers.Add("orphan");
        else if (propagation == Propagation.Foreground)
            finalizers.Add("foregroundDeletion");
    }

    private static void CheckPreconditions(ResourceEndpoint endpoint, JsonObject stored, DeleteOptions options)
    {
        var resource = endpoint.Type.Resource;
        if (options.Uid is { } uid && uid != stored.Uid())
            throw ApiErrors.Precondition(resource, stored.Name(), "UID", uid, stored.Uid());
        if (options.ResourceVersion is { } version && version != stored.ResourceVersion())
            throw ApiErrors.Precondition(resource, stored.Name(), "ResourceVersion", version, stored.ResourceVersion());
    }
}
