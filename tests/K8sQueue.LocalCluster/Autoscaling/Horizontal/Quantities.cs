using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Autoscaling.Horizontal;

internal static class Quantities
{
    /// <summary>A quantity such as 20, "1500m" or "2k"; null where it is none.</summary>
    public static double? Parse(JsonNode? value)
    {
        if (value.AsText() is not { Length: > 0 } text)
            return value.AsInteger();
        var (digits, factor) = text[^1] switch
        {
            'm' => (text[..^1], 0.001),
            'k' => (text[..^1], 1e3),
            'M' => (text[..^1], 1e6),
            'G' => (text[..^1], 1e9),
            _ => (text, 1.0),
        };
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number * factor : null;
    }
}
