using K8sQueue.LocalCluster.Admission;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Autoscaling.Targets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

/// <summary>KEDA's admission webhook: the rules of one object, and that nothing else scales its target.</summary>
internal sealed class ScaledObjectValidator(IServiceProvider services) : IAdmissionValidator
{
    private const string TransferOwnership = "scaledobject.keda.sh/transfer-hpa-ownership";
    private const string IgnoreOwnership = "validations.keda.sh/hpa-ownership";

    public void Validate(AdmissionRequest request)
    {
        if (request.Resource != GroupResource.ScaledObjects || request.Operation == AdmissionOperation.Delete
            || request.Subresource is not null || request.Object is not { } value || IsRemovingFinalizer(request))
        {
            return;
        }

        var incoming = new ScaledObject(value);
        if (ScaledObjectRules.FirstViolation(incoming) is { } violation)
            throw Denied(violation);
        var api = services.GetRequiredService<IClusterApi>();
        CheckTarget(incoming);
        CheckScaledObjects(api, incoming);
        CheckAutoscalers(api, incoming);
    }

    private void CheckTarget(ScaledObject incoming)
    {
        try
        {
            services.GetRequiredService<ScaleTargets>().Resolve(incoming.Target);
        }
        catch (ScaleTargetException e)
        {
            throw Denied(e.Message);
        }
    }

    private static void CheckScaledObjects(IClusterApi api, ScaledObject incoming)
    {
        var others = api.List(GroupResource.ScaledObjects, incoming.Namespace).Select(o => new ScaledObject(o)).Where(o => o.Name != incoming.Name).ToList();
        if (others.Find(o => o.Target == incoming.Target) is { } same)
            throw Denied($"the workload '{incoming.Target.Name}' of type '{incoming.Target.GroupVersionKind}' is already managed by the ScaledObject '{same.Name}'");
        if (others.Find(o => o.HorizontalName == incoming.HorizontalName) is { } owner)
            throw Denied($"the HPA '{incoming.HorizontalName}' is already managed by the ScaledObject '{owner.Name}'");
    }

    private static void CheckAutoscalers(IClusterApi api, ScaledObject incoming)
    {
        foreach (var autoscaler in api.List(GroupResource.HorizontalPodAutoscalers, incoming.Namespace))
        {
            if (autoscaler.Annotation(IgnoreOwnership) == "false"
                || ScaleTargetReference.Of(autoscaler.MapAt("spec", "scaleTargetRef")) != incoming.Target
                || autoscaler.OwnerReferences().Any(o => o.TextAt("kind") == "ScaledObject" && o.TextAt("name") == incoming.Name))
            {
                continue;
            }

            if (incoming.Value.Annotation(TransferOwnership) != "true")
                throw Denied($"the workload '{incoming.Target.Name}' of type '{incoming.Target.GroupVersionKind}' is already managed by the hpa '{autoscaler.Name()}'");
            if (incoming.HorizontalName != autoscaler.Name())
            {
                throw Denied($"the existing hpa '{autoscaler.Name()}' for workload '{incoming.Target.Name}' of type '{incoming.Target.GroupVersionKind}' must be specified by name in advanced settings to enable ownership transfer");
            }
        }
    }

    private static bool IsRemovingFinalizer(AdmissionRequest request) =>
        request is { Object: { } value, OldObject: { } old } && value.Finalizers().Count < old.Finalizers().Count
        && System.Text.Json.Nodes.JsonNode.DeepEquals(value.At("spec"), old.At("spec"));

    private static ClusterApiException Denied(string message) =>
        new(StatusCodes.Status403Forbidden, "Forbidden", $"admission webhook \"vscaledobject.kb.io\" denied the request: {message}");
}
