namespace K8sQueue.LocalCluster.Autoscaling.Scalers;

/// <summary>KEDA's <c>redis</c>: the size of a list, set, hash or sorted set; an error for a stream.</summary>
internal sealed class RedisScaler(TriggerSettings settings) : IScaler
{
    private const double DefaultLength = 5;

    private readonly string _key = settings.Required("listName");
    private readonly RedisSource _source = new(settings);

    public string MetricName => settings.MetricName($"redis-{_key}");

    public double Target { get; } = settings.Number("listLength", DefaultLength);

    public double Activation { get; } = settings.Number("activationListLength", 0);

    public async Task<double> ReadAsync(CancellationToken cancellationToken)
    {
        var type = (string?)await _source.CallAsync(cancellationToken, "TYPE", _key).ConfigureAwait(false);
        var command = type switch
        {
            "list" or "none" => "LLEN",
            "set" => "SCARD",
            "hash" => "HLEN",
            "zset" => "ZCARD",
            _ => throw new ScalerException($"ERR unsupported key type: {type}"),
        };
        return await _source.NumberAsync(cancellationToken, command, _key).ConfigureAwait(false);
    }

    public void Dispose() => _source.Dispose();
}
