using System.Globalization;
using K8sQueue.Operator.Push;

namespace K8sQueue.Operator.Hosting;

/// <summary>What the operator takes from its environment.</summary>
public sealed record OperatorSettings
{
    public const string DefaultAddress = "http://0.0.0.0:8080";
    public const string LeaseName = "k8squeue-operator";

    /// <summary>K8SQUEUE_WATCH_NAMESPACES: a comma list; empty means all.</summary>
    public IReadOnlyList<string> WatchNamespaces { get; init; } = [];

    /// <summary>K8SQUEUE_OPERATOR_ADDRESS: where /healthz, /readyz and /metrics are. The default value is <see cref="DefaultAddress"/>.</summary>
    public string Address { get; init; } = DefaultAddress;

    /// <summary>K8SQUEUE_OPERATOR_NAMESPACE: where the lease is. The default value is the namespace of the kubeconfig or service account.</summary>
    public string? LeaseNamespace { get; init; }

    /// <summary>K8SQUEUE_LEADER_ELECTION: false for a single process that need not wait for a lease. The default value is true.</summary>
    public bool LeaderElection { get; init; } = true;

    /// <summary>K8SQUEUE_OPERATOR_WORKERS: pools reconciled at the same time. The default value is 8.</summary>
    public int Workers { get; init; } = 8;

    /// <summary>
    /// K8SQUEUE_OPERATOR_ALLOW_LINK_LOCAL: whether the servers of budgets and pushed queues may be at link-local and metadata addresses. The default value is false.
    /// </summary>
    public bool AllowLinkLocal { get; init; }

    /// <summary>Where pushed queues are served; null where they are not.</summary>
    public PushSettings? Push { get; init; }

    /// <exception cref="FormatException">A value can't be read.</exception>
    public static OperatorSettings From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new OperatorSettings
        {
            WatchNamespaces = Split(configuration["K8SQUEUE_WATCH_NAMESPACES"]),
            Address = configuration["K8SQUEUE_OPERATOR_ADDRESS"] is { Length: > 0 } address ? address : DefaultAddress,
            LeaseNamespace = configuration["K8SQUEUE_OPERATOR_NAMESPACE"] is { Length: > 0 } name ? name : null,
            LeaderElection = Read(configuration, "K8SQUEUE_LEADER_ELECTION", bool.Parse, true),
            Workers = Math.Clamp(Read(configuration, "K8SQUEUE_OPERATOR_WORKERS", text => int.Parse(text, CultureInfo.InvariantCulture), 8), 1, 64),
            AllowLinkLocal = Read(configuration, "K8SQUEUE_OPERATOR_ALLOW_LINK_LOCAL", bool.Parse, false),
            Push = PushSettings.From(configuration),
        };
    }

    private static string[] Split(string? list) =>
        [.. (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];

    private static T Read<T>(IConfiguration configuration, string name, Func<string, T> parse, T otherwise)
    {
        if (configuration[name] is not { Length: > 0 } text)
            return otherwise;
        try
        {
            return parse(text);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{name}: '{text}' can't be read.", e);
        }
    }
}
