using System.Text.Json;

namespace K8sQueue.Client.Http;

/// <summary>Makes exceptions of answers.</summary>
internal static class Problems
{
    private const string Prefix = "urn:k8squeue:problem:";

    /// <summary>What an answer that is an error says; a proxy's may not be a problem document.</summary>
    public static K8sQueueException From(HttpResponseMessage response, ReadOnlySpan<byte> body, TimeProvider time)
    {
        var problem = Read(body);
        var name = NameOf(problem.Type);
        var status = (int)response.StatusCode;
        var message = $"The API answered {status}{(name is null ? "" : $" {name}")}: {problem.Detail ?? problem.Title ?? response.ReasonPhrase ?? "no reason was given"}";
        K8sQueueException exception = status switch
        {
            401 or 403 => new K8sQueueAccessException(message),
            404 => new K8sQueueNotFoundException(message),
            408 or 425 or 429 or >= 500 => new K8sQueueUnavailableException(message),
            _ => new K8sQueueRefusedException(message),
        };
        exception.Status = response.StatusCode;
        exception.ProblemType = name;
        exception.Detail = problem.Detail;
        exception.Field = problem.Field;
        exception.RetryAfter = RetryRules.RetryAfter(response, time);
        return exception;
    }

    /// <summary>There was no answer.</summary>
    public static K8sQueueUnavailableException NoAnswer(Uri? address, Exception cause) =>
        new($"The API at {address} can't be reached or does not answer: {cause.Message}", cause);

    /// <summary>The answer broke off, or is not what the API answers.</summary>
    public static K8sQueueUnavailableException Unreadable(HttpResponseMessage response, Exception cause) =>
        new($"The answer can't be read: {cause.Message}", cause) { Status = response.StatusCode };

    /// <summary>The file of the key can't be read.</summary>
    public static K8sQueueAccessException NoKey(Exception cause) => new($"The API key can't be read: {cause.Message}", cause);

    /// <summary>The stable name of a problem's type; null where it is not one of the API's.</summary>
    public static string? NameOf(string? type) => type?.StartsWith(Prefix, StringComparison.Ordinal) == true ? type[Prefix.Length..] : null;

    private static ProblemAnswer Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ClientJsonContext.Default.ProblemAnswer) ?? new ProblemAnswer();
        }
        catch (JsonException)
        {
            return new ProblemAnswer();
        }
    }
}
