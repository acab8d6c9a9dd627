using System.Net.Http.Headers;
using System.Text;

namespace K8sQueue.Kubernetes.Client;

/// <summary>A request that can be sent more than once.</summary>
internal sealed record KubernetesRequest(HttpMethod Method, string Path, byte[]? Body = null, string ContentType = "application/json")
{
    /// <summary>A path with a query; parameters that are null or empty are left out.</summary>
    public static string WithQuery(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var builder = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in parameters)
        {
            if (string.IsNullOrEmpty(value))
                continue;
            builder.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }

        return builder.ToString();
    }

    public ByteArrayContent? CreateContent()
    {
        if (Body is null)
            return null;
        var content = new ByteArrayContent(Body);
        content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        return content;
    }
}
