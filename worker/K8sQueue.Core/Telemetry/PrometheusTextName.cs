using System.Text;

namespace K8sQueue.Core.Telemetry;

/// <summary>
/// Names of instruments as Prometheus wants them: unit in the name, counters end in <c>_total</c>
/// (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/).
/// </summary>
internal static class PrometheusTextName
{
    public static string Metric(string name, string? unit, PrometheusTextKind kind)
    {
        var text = Label(name);
        var suffix = UnitSuffix(unit, kind);
        if (kind == PrometheusTextKind.Counter && text.EndsWith("_total", StringComparison.Ordinal))
            text = text[..^"_total".Length];
        if (suffix is not null && !text.EndsWith("_" + suffix, StringComparison.Ordinal))
            text = $"{text}_{suffix}";
        return kind == PrometheusTextKind.Counter ? text + "_total" : text;
    }

    /// <summary>Letters, digits and '_', not starting with a digit; whatever else becomes '_'.</summary>
    public static string Label(string name)
    {
        var text = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            if (text.Length == 0 && char.IsAsciiDigit(c))
                text.Append('_');
            text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return text.ToString();
    }

    private static string? UnitSuffix(string? unit, PrometheusTextKind kind) => unit switch
    {
        null or "" => null,
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "%" => "percent",
        "1" => kind == PrometheusTextKind.Gauge ? "ratio" : null,
        _ when unit.StartsWith('{') => null,
        _ => Label(unit),
    };
}
