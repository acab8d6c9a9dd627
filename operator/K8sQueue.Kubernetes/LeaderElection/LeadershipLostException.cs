namespace K8sQueue.Kubernetes.LeaderElection;

/// <summary>The lease could not be renewed in time, or somebody else holds it.</summary>
public sealed class LeadershipLostException : Exception
{
    public LeadershipLostException()
    {
    }

    public LeadershipLostException(string message)
        : base(message)
    {
    }

    public LeadershipLostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
