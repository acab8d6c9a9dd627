using System.Diagnostics.Metrics;

namespace K8sQueue.Kubernetes.LeaderElection;

/// <summary>Who leads, under client-go's name.</summary>
public sealed class LeaderElectionMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "K8sQueue.Kubernetes.LeaderElection";

    private readonly UpDownCounter<long> _status;

    public LeaderElectionMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _status = meters.Create(MeterName).CreateUpDownCounter<long>(
            "leader_election_master_status", description: "1 where this process leads, 0 where it waits; by lease.");
    }

    internal void Waits(string lease) => _status.Add(0, Name(lease));

    internal void Leads(string lease) => _status.Add(1, Name(lease));

    internal void Ended(string lease) => _status.Add(-1, Name(lease));

    private static KeyValuePair<string, object?> Name(string lease) => new("name", lease);
}
