using System.Text;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.BuiltIns;

/// <summary>Namespaces: held by their own finalizer until they are empty.</summary>
internal sealed class NamespaceStrategy : DefaultStrategy
{
    public override void PrepareForCreate(JsonObject value)
    {
        value.Need("spec")["finalizers"] = new JsonArray("kubernetes");
        value["status"] = new JsonObject { ["phase"] = "Active" };
    }

    public override void PrepareForUpdate(JsonObject value, JsonObject old)
    {
        if (old.At("spec") is { } spec)
            value["spec"] = spec.DeepClone();
    }

    public override void Default(JsonObject value) =>
        value.Need("metadata", "labels")["kubernetes.io/metadata.name"] = value.Name();
}

/// <summary>ConfigMaps: immutable ones stay as they are.</summary>
internal class ConfigMapStrategy : DefaultStrategy
{
    public override void Validate(JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
        if (!old.FlagAt("immutable"))
            return;
        if (!value.FlagAt("immutable"))
            errors.Add(FieldError.Forbidden("immutable", "field is immutable when `immutable` is set"));
        foreach (var member in (string[])["data", "binaryData"])
        {
            if (!JsonNode.DeepEquals(value[member], old.At(member)))
                errors.Add(FieldError.Forbidden(member, "field is immutable when `immutable` is set"));
        }
    }
}

/// <summary>Secrets: stringData becomes data.</summary>
internal sealed class SecretStrategy : ConfigMapStrategy
{
    public override void Default(JsonObject value)
    {
        foreach (var (name, text) in value.MapAt("stringData") ?? [])
            value.Need("data")[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text.AsText() ?? ""));
        value.Remove("stringData");
    }

    public override void Validate(JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
        base.Validate(value, old, errors);
        foreach (var (name, data) in value.MapAt("data") ?? [])
        {
            if (data.AsText() is { } text && !Formats.Matches("byte", text))
                errors.Add(FieldError.Invalid($"data[{name}]", "<secret contents redacted>", "illegal base64 data"));
        }

        if (old is not null && old.TextAt("type") != value.TextAt("type"))
            errors.Add(FieldError.Invalid("type", value.TextAt("type"), "field is immutable"));
    }
}

/// <summary>Services: stored; no address is allocated and nothing is routed.</summary>
internal sealed class ServiceStrategy : DefaultStrategy
{
    public override void PrepareForCreate(JsonObject value) => value["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };

    public override void Default(JsonObject value)
    {
        foreach (var port in value.ListAt("spec", "ports")?.OfType<JsonObject>() ?? [])
            port["targetPort"] ??= port["port"]?.DeepClone();
    }
}
