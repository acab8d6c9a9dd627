namespace K8sQueue.Worker.Hosting;

/// <summary>The worker's settings are wrong; the message names the one, and says what it must be.</summary>
public sealed class WorkerConfigurationException : Exception
{
    public WorkerConfigurationException(string message)
        : base(message)
    {
    }

    public WorkerConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public WorkerConfigurationException()
    {
    }
}
