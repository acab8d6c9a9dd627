using System.Text;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Environments;

/// <summary>The variables of a container: a few of this machine's, then what the pod says. Nothing else of LocalCluster's own environment gets in.</summary>
internal static class ContainerEnvironment
{
    /// <summary>Where the management port of a worker listens; a pod's own address, so that pods do not collide on one machine.</summary>
    public const string ManagementAddress = "K8SQUEUE_MANAGEMENT_ADDRESS";

    private static readonly string[] Inherited =
        ["PATH", "HOME", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH"];

    /// <exception cref="ContainerConfigException">A Secret, ConfigMap, key or field is missing.</exception>
    public static Dictionary<string, string> Build(JsonObject pod, JsonObject container, string podAddress, ConfigurationSource source)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["HOSTNAME"] = pod.Name() };
        foreach (var name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                variables[name] = value;
        }

        variables[ManagementAddress] = podAddress;
        foreach (var from in container.ObjectsAt("envFrom"))
            AddAll(variables, from, source);
        foreach (var variable in container.ObjectsAt("env"))
        {
            if (Value(pod, variable, podAddress, source, variables) is { } value)
                variables[variable.TextAt("name") ?? ""] = value;
        }

        return variables;
    }

    private static string? Value(
        JsonObject pod, JsonObject variable, string podAddress, ConfigurationSource source, Dictionary<string, string> known)
    {
        if (variable.MapAt("valueFrom") is not { } from)
            return VariableExpansion.Expand(variable.TextAt("value") ?? "", known);
        if (from.MapAt("secretKeyRef") is { } secret)
            return source.Key(secret, secret: true);
        if (from.MapAt("configMapKeyRef") is { } map)
            return source.Key(map, secret: false);
        if (from.MapAt("fieldRef") is { } field)
            return FieldReference.Read(pod, podAddress, field.TextAt("fieldPath") ?? "");
        throw new ContainerConfigException($"valueFrom of {variable.TextAt("name")} is not supported by LocalCluster");
    }

    private static void AddAll(Dictionary<string, string> variables, JsonObject from, ConfigurationSource source)
    {
        var secret = from.MapAt("secretRef") is not null;
        var reference = from.MapAt(secret ? "secretRef" : "configMapRef") ?? [];
        var name = reference.TextAt("name") ?? "";
        var entries = secret ? source.Secret(name) : source.ConfigMap(name);
        if (entries is null && !reference.FlagAt("optional"))
            throw ConfigurationSource.Missing(name, secret);
        foreach (var (key, value) in entries ?? new Dictionary<string, byte[]>())
            variables[$"{from.TextAt("prefix")}{key}"] = Encoding.UTF8.GetString(value);
    }
}
