namespace K8sQueue.LocalCluster.Autoscaling.Scalers;

/// <summary>KEDA's <c>cron</c>: desiredReplicas between start and end, nothing otherwise.</summary>
internal sealed class CronScaler : IScaler
{
    private readonly CronSchedule _start;
    private readonly CronSchedule _end;
    private readonly TimeZoneInfo _zone;
    private readonly double _replicas;
    private readonly TimeProvider _time;

    public CronScaler(TriggerSettings settings, TimeProvider time)
    {
        _time = time;
        var (start, end, zone) = (settings.Required("start"), settings.Required("end"), settings.Required("timezone"));
        if (start == end)
            throw new ScalerException("error parsing cron metadata: start and end can not have exactly same time input");
        _start = Parse("start", start);
        _end = Parse("end", end);
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found))
            throw new ScalerException($"unable to load timezone: unknown time zone {zone}");
        _zone = found;
        _replicas = settings.Number("desiredReplicas", 0);
        if (_replicas == 0)
            throw new ScalerException("error parsing cron metadata: no desiredReplicas specified");
        MetricName = settings.MetricName($"cron-{zone}-{Escape(start)}-{Escape(end)}");
    }

    public string MetricName { get; }

    public double Target => 1;

    public double Activation => 0;

    public Task<double> ReadAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();

        // Inside, the end comes before the next start.
        var inside = _end.Next(now, _zone) is { } end && (_start.Next(now, _zone) is not { } start || end <= start);
        return Task.FromResult(inside ? _replicas : 0);
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    private static CronSchedule Parse(string name, string expression)
    {
        try
        {
            return CronSchedule.Parse(expression);
        }
        catch (FormatException e)
        {
            throw new ScalerException($"error parsing {name} schedule: {e.Message}", e);
        }
    }

    private static string Escape(string expression) => expression
        .Replace(" ", "", StringComparison.Ordinal)
        .Replace("*", "x", StringComparison.Ordinal)
        .Replace("/", "Sl", StringComparison.Ordinal)
        .Replace("?", "Qm", StringComparison.Ordinal)
        .Replace(",", "Cm", StringComparison.Ordinal);
}
