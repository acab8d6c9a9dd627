using System.Text;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Autoscaling.Scalers;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet.Environments;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

/// <summary>Resolves a trigger's authenticationRef to parameters.</summary>
internal sealed class TriggerAuthentications(IClusterApi api)
{
    /// <exception cref="ScalerException">It is missing, or a Secret or key is, or it is of a kind that LocalCluster does not know.</exception>
    public IReadOnlyDictionary<string, string> Resolve(string @namespace, Trigger trigger)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        if (trigger.Authentication is not { } name)
            return parameters;
        if (trigger.AuthenticationKind == "ClusterTriggerAuthentication")
            throw new ScalerException("ClusterTriggerAuthentication is not supported by LocalCluster");
        var authentication = api.Get(GroupResource.TriggerAuthentications, @namespace, name)
            ?? throw new ScalerException($"error getting TriggerAuthentication: TriggerAuthentication.keda.sh \"{name}\" not found");
        var source = new ConfigurationSource(api, @namespace);
        foreach (var (list, secret) in (ReadOnlySpan<(string, bool)>)[("secretTargetRef", true), ("configMapTargetRef", false)])
        {
            foreach (var reference in authentication.ObjectsAt("spec", list))
                parameters[reference.TextAt("parameter") ?? ""] = Value(source, reference.TextAt("name") ?? "", reference.TextAt("key") ?? "", secret);
        }

        foreach (var unknown in (ReadOnlySpan<string>)["env", "podIdentity"])
        {
            if (authentication.At("spec", unknown) is not null)
                throw new ScalerException($"{unknown} of a TriggerAuthentication is not supported by LocalCluster");
        }

        return parameters;
    }

    private static string Value(ConfigurationSource source, string name, string key, bool secret)
    {
        var kind = secret ? "Secret" : "ConfigMap";
        var entries = (secret ? source.Secret(name) : source.ConfigMap(name))
            ?? throw new ScalerException($"error trying to get {kind} {source.Namespace}/{name}: it does not exist");
        return entries.TryGetValue(key, out var value)
            ? Encoding.UTF8.GetString(value)
            : throw new ScalerException($"error trying to get key {key} of {kind} {source.Namespace}/{name}: it does not exist");
    }
}
