namespace K8sQueue.LocalCluster.Access;

/// <summary>Who asks.</summary>
/// <param name="Name">As in <c>request.userInfo.username</c> of admission policies.</param>
public sealed record ClusterUser(string Name, IReadOnlyList<string> Groups)
{
    private const string Masters = "system:masters";
    private const string Authenticated = "system:authenticated";

    /// <summary>Whoever has the kubeconfig: may do everything.</summary>
    public static readonly ClusterUser Admin = new("localcluster", [Masters, Authenticated]);

    /// <summary>The controllers, scheduler and kubelet of this process.</summary>
    public static readonly ClusterUser Controllers = new("system:localcluster", [Masters, Authenticated]);

    /// <summary>RBAC does not bind it.</summary>
    public bool IsMaster => Groups.Contains(Masters);

    public static ClusterUser ServiceAccount(string @namespace, string name) =>
        new($"system:serviceaccount:{@namespace}:{name}", ["system:serviceaccounts", $"system:serviceaccounts:{@namespace}", Authenticated]);
}
