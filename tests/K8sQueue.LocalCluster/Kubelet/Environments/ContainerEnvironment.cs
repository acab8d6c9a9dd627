using System.Text;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;

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
        foreach (var from in container.Objects("envFrom"))
            AddAll(variables, from, source);
        foreach (var variable in container.Objects("env"))
        {
            if (Value(pod, variable, podAddress, source, variables) is { } value)
                variables[variable.Text("name") ?? ""] = value;
        }

        return variables;
    }

    private static string? Value(
        JsonObject pod, JsonObject variable, string podAddress, ConfigurationSource source, Dictionary<string, string> known)
    {
        if (variable.Child("valueFrom") is not { } from)
            return VariableExpansion.Expand(variable.Text("value") ?? "", known);
        if (from.Child("secretKeyRef") is { } secret)
            return source.Key(secret, secret: true);
        if (from.Child("configMapKeyRef") is { } map)
            return source.Key(map, secret: false);
        if (from.Child("fieldRef") is { } field)
            return FieldReference.Read(pod, podAddress, field.Text("fieldPath") ?? "");
        throw new ContainerConfigException($"valueFrom of {variable.Text("name")} is not supported by LocalCluster");
    }

    private static void AddAll(Dictionary<string, string> variables, JsonObject from, ConfigurationSource source)
    {
        var secret = from.Child("secretRef") is not null;
        var reference = from.Child(secret ? "secretRef" : "configMapRef") ?? [];
        var name = reference.Text("name") ?? "";
        var entries = secret ? source.Secret(name) : source.ConfigMap(name);
        if (entries is null && !reference.Flag("optional"))
            throw ConfigurationSource.Missing(name, secret);
        foreach (var (key, value) in entries ?? new Dictionary<string, byte[]>())
            variables[$"{from.Text("prefix")}{key}"] = Encoding.UTF8.GetString(value);
    }
}
