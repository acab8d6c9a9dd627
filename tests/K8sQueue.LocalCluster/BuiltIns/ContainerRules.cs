using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.BuiltIns;

/// <summary>What the schema can't say of a container's resources and probes (pkg/apis/core/validation of Kubernetes).</summary>
internal static class ContainerRules
{
    private static readonly string[] Actions = ["exec", "httpGet", "tcpSocket", "grpc"];

    // The longer ones first: "Mi" ends in no "M".
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1048576m), ("Gi", 1073741824m), ("Ti", 1099511627776m), ("Pi", 1125899906842624m),
        ("n", 0.000000001m), ("u", 0.000001m), ("m", 0.001m), ("k", 1000m), ("M", 1000000m), ("G", 1000000000m), ("T", 1000000000000m), ("P", 1000000000000000m),
    ];

    public static void Resources(JsonNode? resources, string path, ICollection<FieldError> errors)
    {
        foreach (var list in (string[])["limits", "requests"])
        {
            foreach (var (name, quantity) in resources.MapAt(list) ?? [])
            {
                if (Amount(quantity) < 0)
                    errors.Add(FieldError.Invalid($"{path}.{list}[{name}]", quantity, "must be greater than or equal to 0"));
            }
        }

        foreach (var (name, request) in resources.MapAt("requests") ?? [])
        {
            if (resources.At("limits", name) is { } limit && Amount(request) > Amount(limit))
                errors.Add(FieldError.Invalid($"{path}.requests", request, $"must be less than or equal to {name} limit of {limit.AsText()}"));
        }
    }

    public static void Probes(JsonObject container, string path, ICollection<FieldError> errors)
    {
        foreach (var name in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.MapAt(name) is not { } probe)
                continue;
            var actions = Actions.Count(action => probe[action] is not null);
            if (actions == 0)
                errors.Add(FieldError.Required($"{path}.{name}", "must specify a handler type"));
            else if (actions > 1)
                errors.Add(FieldError.Forbidden($"{path}.{name}", "may not specify more than 1 handler type"));
        }
    }

    /// <summary>A quantity's amount; null where it is beyond what is read here.</summary>
    private static decimal? Amount(JsonNode? quantity)
    {
        var text = quantity.AsText() ?? "";
        var (suffix, factor) = Suffixes.FirstOrDefault(s => text.EndsWith(s.Suffix, StringComparison.Ordinal));
        return decimal.TryParse(text[..^(suffix?.Length ?? 0)], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number * (suffix is null ? 1 : factor)
            : null;
    }
}
