using System.Diagnostics;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Validation;

/// <summary>The producer's trace context, which the job carries to its handler.</summary>
internal static class TraceParents
{
    /// <summary>The request's W3C <c>traceparent</c>; null where there is none or it is malformed.</summary>
    public static string? From(HttpRequest request) =>
        request.Headers.TraceParent is [{ Length: <= JobLimits.MaxTraceParentLength } text] && text.All(IsAllowed)
            && ActivityContext.TryParse(text, traceState: null, out _) ? text : null;

    /// <summary>The trace's id in a <c>traceparent</c>; null where there is none.</summary>
    public static string? TraceIdOf(string? traceParent) => traceParent?.Split('-') is { Length: >= 2 } parts ? parts[1] : null;

    private static bool IsAllowed(char c) => char.IsAsciiHexDigitLower(c) || c == '-';
}
