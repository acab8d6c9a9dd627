using Microsoft.Net.Http.Headers;

namespace K8sQueue.Api.Endpoints;

/// <summary>Entity tags of answers (RFC 9110, 8.8.3).</summary>
internal static class EntityTags
{
    /// <summary>Whether who asks has already what has this tag (<c>If-None-Match</c>).</summary>
    public static bool IsKnown(HttpRequest request, string tag)
    {
        var current = new EntityTagHeaderValue(tag);
        return request.GetTypedHeaders().IfNoneMatch.Any(known => known.Tag == EntityTagHeaderValue.Any.Tag || known.Compare(current, useStrongComparison: false));
    }
}
