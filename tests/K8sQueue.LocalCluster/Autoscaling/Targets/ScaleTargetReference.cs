using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Autoscaling.Targets;

/// <summary>A scaleTargetRef; without a kind it is a Deployment.</summary>
internal sealed record ScaleTargetReference(string ApiVersion, string Kind, string Name)
{
    public string Group => ApiVersion.Contains('/', StringComparison.Ordinal) ? ApiVersion[..ApiVersion.IndexOf('/', StringComparison.Ordinal)] : "";

    public string Version => ApiVersion[(ApiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>As KEDA writes it: <c>apps/v1.Deployment</c>.</summary>
    public string GroupVersionKind => $"{ApiVersion}.{Kind}";

    public static ScaleTargetReference Of(JsonObject? reference) => new(
        reference.TextAt("apiVersion") is { Length: > 0 } version ? version : "apps/v1",
        reference.TextAt("kind") is { Length: > 0 } kind ? kind : "Deployment",
        reference.TextAt("name") ?? "");
}

/// <summary>What the scale subresource says.</summary>
internal sealed record Scale(int SpecReplicas, int StatusReplicas, string Selector);

/// <summary>A target cannot be scaled, for a reason that a person can mend.</summary>
internal sealed class ScaleTargetException : Exception
{
    public ScaleTargetException()
    {
    }

    public ScaleTargetException(string message)
        : base(message)
    {
    }

    public ScaleTargetException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
