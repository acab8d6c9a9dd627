namespace K8sQueue.LocalCluster.Autoscaling.Scalers;

/// <summary>Reads the metric of one trigger.</summary>
internal interface IScaler : IDisposable
{
    /// <summary>The name in the HorizontalPodAutoscaler, as KEDA makes it: <c>s0-redis-mylist</c>.</summary>
    string MetricName { get; }

    /// <summary>The value one replica is meant for.</summary>
    double Target { get; }

    /// <summary>The trigger is active above this value.</summary>
    double Activation { get; }

    /// <exception cref="ScalerException">The source could not be read.</exception>
    Task<double> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A trigger is wrong, or its source cannot be read.</summary>
internal sealed class ScalerException : Exception
{
    public ScalerException()
    {
    }

    public ScalerException(string message)
        : base(message)
    {
    }

    public ScalerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
