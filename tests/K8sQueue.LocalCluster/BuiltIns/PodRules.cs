using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.BuiltIns;

/// <summary>What pods and pod templates share: defaults and rules beyond the schema.</summary>
internal static class PodRules
{
    public static void Default(JsonObject? spec)
    {
        foreach (var container in Containers(spec))
        {
            if (container.TextAt("imagePullPolicy") is null && container.TextAt("image") is { Length: > 0 } image)
                container["imagePullPolicy"] = HasMovingTag(image) ? "Always" : "IfNotPresent";
            foreach (var (resource, limit) in container.MapAt("resources", "limits") ?? [])
            {
                var requests = container.Need("resources", "requests");
                if (!requests.ContainsKey(resource))
                    requests[resource] = limit?.DeepClone();
            }
        }

        if (spec is not null && spec.TextAt("serviceAccountName") is { } account)
            spec["serviceAccount"] = account;
    }

    public static void Validate(JsonObject? spec, string path, ICollection<FieldError> errors)
    {
        if (spec.ListAt("containers") is not { Count: > 0 })
            errors.Add(FieldError.Required($"{path}.containers"));
        if (spec.NumberAt("terminationGracePeriodSeconds") is < 0 and var grace)
            errors.Add(FieldError.Invalid($"{path}.terminationGracePeriodSeconds", grace, "must be greater than or equal to 0"));
        Tolerations(spec.ListAt("tolerations"), $"{path}.tolerations", errors);
        var volumes = Names(spec.ListAt("volumes"));
        Unique(spec.ListAt("volumes"), $"{path}.volumes", errors);
        foreach (var list in (string[])["initContainers", "containers"])
        {
            Unique(spec.ListAt(list), $"{path}.{list}", errors);
            var index = 0;
            foreach (var container in spec.ListAt(list)?.OfType<JsonObject>() ?? [])
                Container(container, $"{path}.{list}[{index++}]", volumes, errors);
        }

        SharedNames(spec, path, errors);
    }

    public static IEnumerable<JsonObject> Containers(JsonObject? spec) =>
        (spec.ListAt("initContainers") ?? []).Concat(spec.ListAt("containers") ?? []).OfType<JsonObject>();

    /// <summary>Guaranteed, Burstable or BestEffort.</summary>
    public static string QualityOfService(JsonObject? spec)
    {
        var containers = Containers(spec).Select(c => c.MapAt("resources")).ToList();
        if (containers.TrueForAll(r => r.MapAt("limits") is not { Count: > 0 } && r.MapAt("requests") is not { Count: > 0 }))
            return "BestEffort";
        var guaranteed = containers.TrueForAll(r =>
            r.At("limits", "cpu") is not null && r.At("limits", "memory") is not null
            && JsonNode.DeepEquals(r.At("limits"), r.At("requests")));
        return guaranteed ? "Guaranteed" : "Burstable";
    }

    private static void Container(JsonObject container, string path, HashSet<string> volumes, ICollection<FieldError> errors)
    {
        var name = container.TextAt("name");
        if (string.IsNullOrEmpty(name))
            errors.Add(FieldError.Required($"{path}.name"));
        else if (!Operations.Names.IsLabel(name))
            errors.Add(FieldError.Invalid($"{path}.name", name, Operations.Names.LabelMessage));
        if (string.IsNullOrWhiteSpace(container.TextAt("image")))
            errors.Add(FieldError.Required($"{path}.image"));
        ContainerRules.Resources(container["resources"], $"{path}.resources", errors);
        ContainerRules.Probes(container, path, errors);
        var index = 0;
        foreach (var port in container.ListAt("ports") ?? [])
        {
            if (port.NumberAt("containerPort") is not (> 0 and < 65536))
            {
                errors.Add(FieldError.Invalid(
                    $"{path}.ports[{index}].containerPort", port.NumberAt("containerPort") ?? 0, "must be between 1 and 65535, inclusive"));
            }

            index++;
        }

        index = 0;
        foreach (var mount in container.ListAt("volumeMounts") ?? [])
        {
            if (mount.TextAt("name") is { } volume && !volumes.Contains(volume))
                errors.Add(new FieldError($"{path}.volumeMounts[{index}].name", "FieldValueNotFound", $"Not found: \"{volume}\""));
            index++;
        }
    }

    private static void Tolerations(JsonArray? tolerations, string path, ICollection<FieldError> errors)
    {
        for (var i = 0; i < (tolerations?.Count ?? 0); i++)
        {
            if (tolerations![i].TextAt("operator") is { Length: > 0 } given and not ("Equal" or "Exists"))
                errors.Add(FieldError.NotSupported($"{path}[{i}].operator", given, ["Equal", "Exists"]));
        }
    }

    /// <summary>Containers and init containers share one space of names.</summary>
    private static void SharedNames(JsonObject? spec, string path, ICollection<FieldError> errors)
    {
        var names = Names(spec.ListAt("containers"));
        var index = 0;
        foreach (var container in spec.ListAt("initContainers") ?? [])
        {
            if (container.TextAt("name") is { } name && names.Contains(name))
                errors.Add(FieldError.Duplicate($"{path}.initContainers[{index}].name", name));
            index++;
        }
    }

    private static void Unique(JsonArray? list, string path, ICollection<FieldError> errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < (list?.Count ?? 0); i++)
        {
            if (list![i].TextAt("name") is { } name && !seen.Add(name))
                errors.Add(FieldError.Duplicate($"{path}[{i}].name", name));
        }
    }

    private static HashSet<string> Names(JsonArray? list) => [.. list?.Select(v => v.TextAt("name")).OfType<string>() ?? []];

    private static bool HasMovingTag(string image)
    {
        var last = image[(image.LastIndexOf('/') + 1)..];
        return !last.Contains('@') && (!last.Contains(':') || last.EndsWith(":latest", StringComparison.Ordinal));
    }
}
