namespace K8sQueue.LocalCluster.Autoscaling.Scalers.External;

/// <summary>A scaler that says by itself when its target is to leave zero.</summary>
internal interface IPushScaler : IDisposable
{
    /// <inheritdoc cref="IScaler.MetricName"/>
    string MetricName { get; }

    /// <summary>Runs until it is cancelled.</summary>
    /// <param name="activated">Called at each activation.</param>
    Task RunAsync(Action activated, CancellationToken cancellationToken);
}
