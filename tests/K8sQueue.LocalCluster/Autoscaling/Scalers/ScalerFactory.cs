using K8sQueue.LocalCluster.Autoscaling.Scalers.External;

namespace K8sQueue.LocalCluster.Autoscaling.Scalers;

/// <summary>Makes the scaler of a trigger.</summary>
internal sealed class ScalerFactory(TimeProvider time) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    /// <exception cref="ScalerException">The trigger is wrong, or of a type that LocalCluster does not know.</exception>
    public IScaler Create(TriggerSettings settings) => settings.Type switch
    {
        "redis" => new RedisScaler(settings),
        "redis-streams" => new RedisStreamsScaler(settings),
        "cron" => new CronScaler(settings, time),
        ExternalPushScaler.Type => new ExternalPushScaler(settings, time),
        "metrics-api" => new MetricsApiScaler(settings, _http),
        "rabbitmq" => new RabbitMqScaler(settings, _http),
        "postgresql" => new PostgreSqlScaler(settings),
        _ => throw new ScalerException($"the trigger type {settings.Type} is not supported by LocalCluster (it knows redis, redis-streams, cron, external-push, metrics-api, rabbitmq over HTTP and postgresql)"),
    };

    public void Dispose() => _http.Dispose();
}
