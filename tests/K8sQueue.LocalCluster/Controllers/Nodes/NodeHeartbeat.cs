using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Runtime;

namespace K8sQueue.LocalCluster.Controllers.Nodes;

/// <summary>Registers the node and renews its Lease. The Node's own status is written once: a heartbeat there would wake everybody who watches.</summary>
internal sealed class NodeHeartbeat(IClusterApi api, TimeProvider time) : BackgroundService
{
    private const string LeaseNamespace = "kube-node-lease";
    private const int LeaseSeconds = 40;
    private const string MicroTime = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (api.Get(GroupResource.Nodes, null, LocalNode.Name) is null)
            api.Create(GroupResource.Nodes, LocalNode.Build());
        api.Modify(GroupResource.Nodes, null, LocalNode.Name, n => n.Put(LocalNode.Status(n, time.GetUtcNow()), "status"), "status");
        if (api.Get(GroupResource.Namespaces, null, LeaseNamespace) is null)
        {
            api.Create(GroupResource.Namespaces, new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Namespace",
                ["metadata"] = new JsonObject { ["name"] = LeaseNamespace },
            });
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            Renew();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private void Renew()
    {
        var now = time.GetUtcNow().UtcDateTime.ToString(MicroTime, System.Globalization.CultureInfo.InvariantCulture);
        if (api.Modify(GroupResource.Leases, LeaseNamespace, LocalNode.Name, l => l.Put(now, "spec", "renewTime")) is not null)
            return;
        api.Create(GroupResource.Leases, new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject { ["name"] = LocalNode.Name, ["namespace"] = LeaseNamespace },
            ["spec"] = new JsonObject { ["holderIdentity"] = LocalNode.Name, ["leaseDurationSeconds"] = LeaseSeconds, ["renewTime"] = now },
        });
    }
}
