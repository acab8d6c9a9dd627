using System.Globalization;
using K8sQueue.LocalCluster.Controllers.Runtime;

namespace K8sQueue.LocalCluster.Autoscaling.Scalers;

/// <summary>A trigger's metadata, and the parameters that its authentication resolved to.</summary>
internal sealed class TriggerSettings(
    int index, string type, IReadOnlyDictionary<string, string> metadata, IReadOnlyDictionary<string, string> authentication)
{
    public string Type => type;

    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>The ScaledObject that has the trigger.</summary>
    public ObjectKey ScaledObject { get; init; } = new("", "");

    /// <summary>From the metadata first, then from the authentication; null where it is neither.</summary>
    public string? Text(string name) =>
        metadata.TryGetValue(name, out var value) && value.Length > 0 ? value : authentication.GetValueOrDefault(name);

    public string? Authentication(string name) => authentication.GetValueOrDefault(name);

    public string Required(string name) =>
        Text(name) ?? throw new ScalerException($"error parsing {type} metadata: missing required parameter \"{name}\" in [triggerMetadata]");

    public double Number(string name, double absent) =>
        Text(name) is not { } text ? absent
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ScalerException($"error parsing {type} metadata: unable to set param \"{name}\" value \"{text}\": not a number");

    public bool Flag(string name) =>
        Text(name) is { } text && (bool.TryParse(text, out var flag)
            ? flag
            : throw new ScalerException($"error parsing {type} metadata: unable to set param \"{name}\" value \"{text}\": not a boolean"));

    public string MetricName(string name) => $"s{index}-{Normalize(name)}";

    private static string Normalize(string name) => string.Concat(name.Select(c => c is '/' or '.' or ':' or '%' or '(' or ')' ? '-' : c));
}
