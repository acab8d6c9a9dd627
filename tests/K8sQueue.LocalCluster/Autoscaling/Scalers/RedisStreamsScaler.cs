namespace K8sQueue.LocalCluster.Autoscaling.Scalers;

/// <summary>
/// KEDA's <c>redis-streams</c>: the stream's length, or with a consumerGroup its pending entries, or with a lagCount its lag. A lag that Redis
/// cannot tell is -1, as KEDA 2.20 has it.
/// </summary>
internal sealed class RedisStreamsScaler(TriggerSettings settings) : IScaler
{
    private const double DefaultCount = 5;

    private readonly string _stream = settings.Required("stream");
    private readonly string? _group = settings.Text("consumerGroup");
    private readonly double _lag = settings.Number("lagCount", 0);
    private readonly RedisSource _source = new(settings);

    public string MetricName => settings.MetricName($"redis-streams-{_stream}");

    public double Target =>
        _group is null ? settings.Number("streamLength", DefaultCount)
        : _lag > 0 ? _lag
        : settings.Number("pendingEntriesCount", DefaultCount);

    public double Activation { get; } = settings.Number("activationLagCount", 0);

    public async Task<double> ReadAsync(CancellationToken cancellationToken)
    {
        if (_group is not null && _lag == 0)
        {
            var pending = await _source.CallAsync(cancellationToken, "XPENDING", _stream, _group).ConfigureAwait(false);
            return Number((pending as object?[])?[0]);
        }

        return _group is not null && await LagAsync(cancellationToken).ConfigureAwait(false) is { } lag
            ? lag
            : await _source.NumberAsync(cancellationToken, "XLEN", _stream).ConfigureAwait(false);
    }

    public void Dispose() => _source.Dispose();

    /// <summary>Null where the group does not exist yet: then every entry waits.</summary>
    private async Task<double?> LagAsync(CancellationToken cancellationToken)
    {
        object?[] groups;
        try
        {
            groups = (object?[]?)await _source.CallAsync(cancellationToken, "XINFO", "GROUPS", _stream).ConfigureAwait(false) ?? [];
        }
        catch (ScalerException e) when (e.Message.Contains("no such key", StringComparison.Ordinal))
        {
            return 0;
        }

        foreach (var group in groups.OfType<object?[]>())
        {
            var fields = group.Chunk(2).ToDictionary(f => (string)f[0]!, f => f[1], StringComparer.Ordinal);
            if ((string?)fields["name"] == _group)
                return Number(fields.GetValueOrDefault("lag") ?? "-1");
        }

        return null;
    }

    private static double Number(object? reply) => Convert.ToDouble(reply, System.Globalization.CultureInfo.InvariantCulture);
}
