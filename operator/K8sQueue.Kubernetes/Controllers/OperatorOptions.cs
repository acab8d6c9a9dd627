using K8sQueue.Kubernetes.LeaderElection;

namespace K8sQueue.Kubernetes.Controllers;

/// <summary>How an operator runs.</summary>
public sealed class OperatorOptions
{
    /// <summary>Its name, in events (reportingController). The default value is <c>operator</c>.</summary>
    public string Name { get; set; } = "operator";

    /// <summary>Namespaces to watch; empty (the default) means all of them.</summary>
    public IList<string> Namespaces { get; } = [];

    /// <summary>How long the caches may take to fill before the process gives up. The default value is 2 minutes.</summary>
    public TimeSpan CacheSyncTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long running reconciliations may take to end on a stop; then they are cancelled. The default value is 30 seconds.</summary>
    public TimeSpan GracefulStopTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Where it is set, controllers run only while this process holds the lease. The default value is null: no election.</summary>
    public LeaderElectionOptions? LeaderElection { get; set; }
}
