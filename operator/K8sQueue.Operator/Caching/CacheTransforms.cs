using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;

namespace K8sQueue.Operator.Caching;

/// <summary>
/// What the caches keep of each object: what the operator reads of it, and no more. What the server says twice is kept once. See README.md
/// beside this file for what is left out.
/// </summary>
internal sealed class CacheTransforms
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    private const string OwnVariables = "K8SQUEUE_";

    private readonly StringPool _strings = new();

    public V1Alpha1WorkerPool Pool(V1Alpha1WorkerPool pool)
    {
        Slim(pool);
        if (pool.Status is { } status)
        {
            Share(status.Conditions);
            status.CurrentRevision = _strings.ShareOrNull(status.CurrentRevision);
            status.LimitedBy = _strings.ShareOrNull(status.LimitedBy);
        }

        return pool;
    }

    public V1Alpha1ConnectionBudget Budget(V1Alpha1ConnectionBudget budget)
    {
        Slim(budget);
        Share(budget.Status?.Conditions);
        return budget;
    }

    public V1Deployment Deployment(V1Deployment deployment)
    {
        Slim(deployment);
        Share(deployment.Status?.Conditions);
        deployment.Spec.Template = TemplateOf(deployment.Spec.Template);
        return deployment;
    }

    public V1Pod Pod(V1Pod pod)
    {
        Slim(pod);
        Share(pod.Status?.Conditions);
        pod.Spec.NodeName = _strings.ShareOrNull(pod.Spec.NodeName);
        foreach (var container in (pod.Spec.InitContainers ?? []).Concat(pod.Spec.Containers ?? []))
        {
            container.Name = _strings.Share(container.Name);
            container.Image = _strings.ShareOrNull(container.Image);
        }

        foreach (var status in (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []))
        {
            status.Name = _strings.Share(status.Name);
            (status.Image, status.ImageID) = (_strings.ShareOrNull(status.Image), _strings.ShareOrNull(status.ImageID));
        }

        return pod;
    }

    /// <summary>Its status is the disruption controller's business.</summary>
    public V1PodDisruptionBudget DisruptionBudget(V1PodDisruptionBudget budget)
    {
        Slim(budget);
        budget.Status = null;
        return budget;
    }

    /// <summary>Of the spec its target, and a digest that tells whether it is as it should be.</summary>
    public V1Alpha1ScaledObject ScaledObject(V1Alpha1ScaledObject scaledObject)
    {
        Slim(scaledObject);
        Share(scaledObject.Status?.Conditions);
        var cut = (ISpecDigest)scaledObject;
        if (cut.SpecDigest is null)
        {
            cut.SpecDigest = SpecDigest.Of(OperatorJson.ToObject(scaledObject.Spec));
            scaledObject.Spec = new ScaledObjectSpec { ScaleTargetRef = scaledObject.Spec.ScaleTargetRef };
        }

        return scaledObject;
    }

    public V1Alpha1TriggerAuthentication TriggerAuthentication(V1Alpha1TriggerAuthentication authentication)
    {
        Slim(authentication);
        return authentication;
    }

    private void Slim(IKubernetesObject value)
    {
        var metadata = value.Metadata;
        metadata.Name = _strings.ShareOrNull(metadata.Name);
        metadata.Namespace = _strings.ShareOrNull(metadata.Namespace);
        metadata.Labels = Share(metadata.Labels);
        metadata.Annotations?.Remove(LastApplied);
        metadata.Annotations = metadata.Annotations is { Count: > 0 } ? Share(metadata.Annotations) : null;
        foreach (var owner in metadata.OwnerReferences ?? [])
        {
            (owner.ApiVersion, owner.Kind) = (_strings.Share(owner.ApiVersion), _strings.Share(owner.Kind));
            (owner.Name, owner.Uid) = (_strings.Share(owner.Name), _strings.Share(owner.Uid));
        }

        for (var i = 0; i < metadata.Finalizers?.Count; i++)
            metadata.Finalizers[i] = _strings.Share(metadata.Finalizers[i]);
    }

    private Dictionary<string, string>? Share(Dictionary<string, string>? map)
    {
        if (map is null)
            return null;
        var shared = new Dictionary<string, string>(map.Count, StringComparer.Ordinal);
        foreach (var (key, value) in map)
            shared[_strings.Share(key)] = _strings.ShareOrNull(value)!;
        return shared;
    }

    private void Share(List<V1Condition>? conditions)
    {
        foreach (var condition in conditions ?? [])
        {
            (condition.Type, condition.Status) = (_strings.Share(condition.Type), _strings.Share(condition.Status));
            (condition.Reason, condition.Message) = (_strings.ShareOrNull(condition.Reason), _strings.ShareOrNull(condition.Message));
        }
    }

    /// <summary>
    /// Where a revision's workers listen, whether they are gated and what they are charged. The rest of a template is never read back: a
    /// Deployment's template is not written again, and its hash is its label.
    /// </summary>
    private static JsonObject? TemplateOf(JsonObject? template)
    {
        if (template is null)
            return null;
        var kept = new JsonObject();
        if (template["metadata"]?["annotations"] is JsonObject annotations)
            kept["metadata"] = new JsonObject { ["annotations"] = annotations.DeepClone() };
        if (template["spec"] is JsonObject spec)
        {
            var pod = new JsonObject();
            foreach (var member in (ReadOnlySpan<string>)["schedulingGates", "terminationGracePeriodSeconds"])
            {
                if (spec[member] is { } value)
                    pod[member] = value.DeepClone();
            }

            if (spec["containers"] is JsonArray containers)
                pod["containers"] = new JsonArray([.. containers.OfType<JsonObject>().Select(ContainerOf)]);
            kept["spec"] = pod;
        }

        // From text again: a tree that nobody has walked yet is its text and little more.
        return (JsonObject)JsonNode.Parse(kept.ToJsonString())!;
    }

    private static JsonObject ContainerOf(JsonObject container)
    {
        var kept = new JsonObject();
        foreach (var member in (ReadOnlySpan<string>)["name", "image", "ports"])
        {
            if (container[member] is { } value)
                kept[member] = value.DeepClone();
        }

        if (container["env"] is JsonArray variables)
        {
            kept["env"] = new JsonArray([.. variables
                .Where(variable => variable?["name"] is JsonValue name && name.ToString().StartsWith(OwnVariables, StringComparison.Ordinal))
                .Select(variable => variable!.DeepClone())]);
        }

        return kept;
    }
}
