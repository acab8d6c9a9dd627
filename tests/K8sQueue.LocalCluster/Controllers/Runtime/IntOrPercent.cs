using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.Runtime;

/// <summary>intstr.IntOrString: a number, or a percentage of a total.</summary>
internal static class IntOrPercent
{
    /// <summary>Null where the value is neither.</summary>
    public static int? Scale(JsonNode? value, int total, bool roundUp)
    {
        if (value.AsInteger() is { } number)
            return (int)number;
        if (value.AsText() is not { } text)
            return null;
        if (!text.EndsWith('%'))
            return int.TryParse(text, CultureInfo.InvariantCulture, out var plain) ? plain : null;
        if (!int.TryParse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture, out var percent))
            return null;
        var part = percent * (double)total / 100;
        return (int)(roundUp ? Math.Ceiling(part) : Math.Floor(part));
    }
}
