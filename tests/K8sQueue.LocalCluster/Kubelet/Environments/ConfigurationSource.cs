using System.Text;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Environments;

/// <summary>Reads Secrets and ConfigMaps of one namespace; what is missing is told in the kubelet's words.</summary>
internal sealed class ConfigurationSource(IClusterApi api, string @namespace)
{
    public string Namespace => @namespace;

    /// <summary>All entries of a Secret; null where it is missing.</summary>
    public IReadOnlyDictionary<string, byte[]>? Secret(string name) =>
        api.Get(GroupResource.Secrets, @namespace, name) is { } secret ? Entries(secret, "data", Convert.FromBase64String) : null;

    /// <summary>All entries of a ConfigMap; null where it is missing.</summary>
    public IReadOnlyDictionary<string, byte[]>? ConfigMap(string name)
    {
        if (api.Get(GroupResource.ConfigMaps, @namespace, name) is not { } map)
            return null;
        var entries = Entries(map, "data", Encoding.UTF8.GetBytes);
        foreach (var (key, value) in Entries(map, "binaryData", Convert.FromBase64String))
            entries[key] = value;
        return entries;
    }

    /// <summary>The value that a secretKeyRef or configMapKeyRef points to; null where it is optional and missing.</summary>
    /// <exception cref="ContainerConfigException">It is missing and not optional.</exception>
    public string? Key(JsonObject reference, bool secret)
    {
        var (name, key) = (reference.TextAt("name") ?? "", reference.TextAt("key") ?? "");
        var entries = secret ? Secret(name) : ConfigMap(name);
        if (entries is not null && entries.TryGetValue(key, out var value))
            return Encoding.UTF8.GetString(value);
        if (reference.FlagAt("optional"))
            return null;
        throw entries is null
            ? Missing(name, secret)
            : new ContainerConfigException($"couldn't find key {key} in {(secret ? "Secret" : "ConfigMap")} {@namespace}/{name}");
    }

    public static ContainerConfigException Missing(string name, bool secret) =>
        new($"{(secret ? "secret" : "configmap")} \"{name}\" not found");

    private static Dictionary<string, byte[]> Entries(JsonObject source, string field, Func<string, byte[]> decode) =>
        (source.MapAt(field) ?? []).ToDictionary(e => e.Key, e => decode(e.Value.AsText() ?? ""), StringComparer.Ordinal);
}
