namespace K8sQueue.Quickstart.Stack;

/// <summary>Where the parts listen. The defaults are what samples/quickstart.yaml says.</summary>
public sealed record StackOptions
{
    /// <summary>Logs, data and the kubeconfig go here.</summary>
    public required string Directory { get; init; }

    public int RedisPort { get; init; } = 21379;

    public int ApiPort { get; init; } = 21080;

    public int ClusterPort { get; init; } = 21443;

    public int OperatorPort { get; init; } = 21082;

    /// <summary>Whether the stack has an operator of its own. The default value is true.</summary>
    public bool RunsOperator { get; init; } = true;

    /// <summary>The port on which the operator serves pushed queues to an autoscaler on this machine; null for no push.</summary>
    public int? PushPort { get; init; }

    /// <summary>The address that Redis listens on, and under which pods reach this machine. The default value is 127.0.0.1.</summary>
    public string HostAddress { get; init; } = "127.0.0.1";

    /// <summary>A kubeconfig to use in place of the stand-in cluster; null starts the stand-in.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The words that start the worker in the stand-in cluster: <c>ghcr.io/k8squeue/worker</c> of any tag. The default value is its assembly, by dotnet.</summary>
    public IReadOnlyList<string> Worker { get; init; } = ["dotnet", RepositoryLayout.Program("worker/K8sQueue.Worker")];

    /// <summary>Programs of the repository that the stand-in cluster runs as further images, by the image's name.</summary>
    public IReadOnlyDictionary<string, string> Images { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the stand-in cluster has KEDA from the start. The default value is true.</summary>
    public bool Keda { get; init; } = true;

    /// <summary>How long a part may take to be ready. The default value is 60 s.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(60);
}
