using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Selectors;

namespace K8sQueue.LocalCluster.Http;

/// <summary>Subresources with a behaviour of their own: pods/log, pods/eviction, namespaces/finalize.</summary>
internal sealed class PodSubresources(IClusterApi api, PodLogs logs)
{
    public Task LogAsync(HttpContext context, RequestPath path)
    {
        var pod = api.Get(GroupResource.Pods, path.Namespace, path.Name!) ?? throw ApiErrors.NotFound(GroupResource.Pods, path.Name!);
        return logs.WriteAsync(context, pod);
    }

    /// <summary>policy/v1 Eviction: a deletion that disruption budgets may refuse.</summary>
    public async Task EvictAsync(HttpContext context, RequestPath path)
    {
        var body = await RequestBody.ReadObjectAsync(context);
        var pod = api.Get(GroupResource.Pods, path.Namespace, path.Name!) ?? throw ApiErrors.NotFound(GroupResource.Pods, path.Name!);
        var options = RequestOptions.Delete(context.Request, body.At("deleteOptions"));
        if (!options.DryRun)
        {
            if (!pod.IsDeleting() && pod.TextAt("status", "phase") is not ("Pending" or "Succeeded" or "Failed"))
                ChargeBudgets(pod, path);
            if (!api.Delete(GroupResource.Pods, path.Namespace, path.Name!, options.Uid ?? pod.Uid(), options.GracePeriodSeconds))
                throw ApiErrors.Conflict(GroupResource.Pods, path.Name!, "the pod is another one by now");
        }

        await ApiResponse.WriteAsync(context, 201, ApiResponse.Success(GroupResource.Pods, path.Name!, pod.Uid()));
    }

    /// <summary>PUT of a namespace without its finalizer lets it go.</summary>
    public async Task FinalizeAsync(HttpContext context, RequestPath path)
    {
        var body = await RequestBody.ReadObjectAsync(context);
        var written = api.Modify(GroupResource.Namespaces, null, path.Name!, value =>
        {
            value.Need("spec")["finalizers"] = body.ListAt("spec", "finalizers")?.DeepClone() ?? new System.Text.Json.Nodes.JsonArray();
            return true;
        }, "finalize");
        await ApiResponse.WriteAsync(context, 200, written ?? throw ApiErrors.NotFound(GroupResource.Namespaces, path.Name!));
    }

    private void ChargeBudgets(System.Text.Json.Nodes.JsonObject pod, RequestPath path)
    {
        var labels = pod.MapAt("metadata", "labels");
        var isReady = pod.ListAt("status", "conditions")?.Any(c => c.TextAt("type") == "Ready" && c.TextAt("status") == "True") == true;
        foreach (var budget in api.List(GroupResource.PodDisruptionBudgets, path.Namespace))
        {
            if (!LabelSelector.From(budget.MapAt("spec", "selector")).Matches(labels)
                || (!isReady && budget.TextAt("spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow"))
                continue;
            var allowed = false;
            api.Modify(GroupResource.PodDisruptionBudgets, path.Namespace, budget.Name(), value =>
            {
                var left = value.NumberAt("status", "disruptionsAllowed") ?? 0;
                allowed = left > 0;
                if (allowed)
                    value.Need("status")["disruptionsAllowed"] = left - 1;
                return allowed;
            }, "status");
            if (!allowed)
                throw ApiErrors.TooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.");
        }
    }
}
