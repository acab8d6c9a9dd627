using System.Globalization;
using System.Text;

namespace K8sQueue.Core.Telemetry;

/// <summary>
/// The text format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
/// </summary>
internal sealed class PrometheusTextWriter
{
    private readonly StringBuilder _text = new();

    public void Write(PrometheusTextFamily family)
    {
        Header(family.Name, family.Help, family.Kind switch
        {
            PrometheusTextKind.Counter => "counter",
            PrometheusTextKind.Histogram => "histogram",
            _ => "gauge",
        });
        foreach (var series in family.Series)
        {
            if (family.Kind == PrometheusTextKind.Histogram)
                WriteHistogram(family, series);
            else
                Sample(family.Name, series.Labels, series.Value);
        }
    }

    public void Header(string name, string help, string type)
    {
        var escaped = help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        _text.Append("# HELP ").Append(name).Append(' ').Append(escaped).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    public void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
            _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    public override string ToString() => _text.ToString();

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private void WriteHistogram(PrometheusTextFamily family, PrometheusTextSeries series)
    {
        Span<long> counts = stackalloc long[family.Bounds.Length + 1];
        var sum = series.ReadHistogram(counts);
        var separator = series.Labels.Length > 0 ? "," : string.Empty;
        var total = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            var bound = i < family.Bounds.Length ? family.Bounds[i] : double.PositiveInfinity;
            Sample($"{family.Name}_bucket", $"{series.Labels}{separator}le=\"{Number(bound)}\"", total);
        }

        Sample($"{family.Name}_sum", series.Labels, sum);
        Sample($"{family.Name}_count", series.Labels, total);
    }
}
