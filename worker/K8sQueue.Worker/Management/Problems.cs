using Microsoft.AspNetCore.WebUtilities;

namespace K8sQueue.Worker.Management;

/// <summary>Writes problem+json.</summary>
internal static class Problems
{
    public static Task WriteAsync(HttpContext context, int status, string kind, string detail)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new ProblemDocument($"urn:k8squeue:problem:{kind}", ReasonPhrases.GetReasonPhrase(status), status, detail),
            WorkerJsonContext.Default.ProblemDocument,
            "application/problem+json",
            context.RequestAborted);
    }
}
