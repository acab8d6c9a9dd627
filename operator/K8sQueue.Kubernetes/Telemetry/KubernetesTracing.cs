using System.Diagnostics;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Telemetry;

/// <summary>
/// Spans: one a reconciliation, and in it one a request, with the names and attributes of OpenTelemetry's semantic conventions for HTTP
/// clients and Kubernetes. Where nobody listens they cost nothing.
/// </summary>
public static class KubernetesTracing
{
    /// <summary>The name of the <see cref="ActivitySource"/>.</summary>
    public const string SourceName = "K8sQueue.Operator";

    private static readonly ActivitySource Source = new(SourceName);

    internal static Activity? StartRequest(KubernetesRequest request, Uri server, int resends)
    {
        if (!Source.HasListeners())
            return null;
        var template = RequestTemplate.Of(request.Path);
        var activity = Source.StartActivity($"{request.Method} {template}", ActivityKind.Client);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag("http.request.method", request.Method.Method);
        activity.SetTag("server.address", server.Host);
        activity.SetTag("server.port", server.Port);
        activity.SetTag("url.full", new Uri(server, request.Path).AbsoluteUri);
        activity.SetTag("url.template", template);
        if (resends > 0)
            activity.SetTag("http.request.resend_count", resends);
        return activity;
    }

    internal static void Answered(Activity? activity, int code, Version version)
    {
        if (activity is null)
            return;
        activity.SetTag("http.response.status_code", code);
        activity.SetTag("network.protocol.version", version.Minor == 0 && version.Major > 1 ? $"{version.Major}" : version.ToString());
        if (code < 400)
            return;
        activity.SetTag("error.type", code.ToString(System.Globalization.CultureInfo.InvariantCulture));
        activity.SetStatus(ActivityStatusCode.Error);
    }

    internal static void Failed(Activity? activity, Exception? exception, string? message = null)
    {
        activity?.SetTag("error.type", exception?.GetType().FullName ?? "_OTHER");
        activity?.SetStatus(ActivityStatusCode.Error, message ?? exception?.Message);
    }

    internal static Activity? StartReconciliation<T>(NamespacedName key)
        where T : class, IKubernetesObject
    {
        // A reconciliation belongs to no request: whatever was current where the key was added is not its cause.
        Activity.Current = null;
        if (!Source.HasListeners())
            return null;
        var activity = Source.StartActivity($"reconcile {ResourceType<T>.Kind}", ActivityKind.Internal);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag("k8squeue.object.kind", ResourceType<T>.Kind);
        activity.SetTag("k8squeue.object.name", key.Name);
        if (key.Namespace.Length > 0)
            activity.SetTag("k8s.namespace.name", key.Namespace);
        return activity;
    }
}
