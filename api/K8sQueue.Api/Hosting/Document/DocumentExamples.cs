using System.Reflection;
using System.Text.Json.Nodes;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using Microsoft.OpenApi;

namespace K8sQueue.Api.Hosting.Document;

/// <summary>
/// Examples of bodies: the files beside this one, named by operation and <c>request</c> or the answer's status; and of problems, by what the operation is about. A test sends
/// those of requests to the API.
/// </summary>
internal static class DocumentExamples
{
    private static readonly Assembly Assembly = typeof(DocumentExamples).Assembly;

    public static void Add(OpenApiOperation operation)
    {
        foreach (var (type, content) in operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal))
            content.Example = Read($"{operation.OperationId}.request") is { } body ? type == ContentTypes.NdJson ? Lines(body) : body : null;
        foreach (var (status, response) in operation.Responses ?? [])
        {
            foreach (var (type, content) in response.Content ?? new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal))
                content.Example = type == Problem.ContentType ? ProblemOf(operation, status) : Read($"{operation.OperationId}.{status}");
        }
    }

    private static JsonNode? Read(string name)
    {
        using var stream = Assembly.GetManifestResourceStream($"examples/{name}.json");
        return stream is null ? null : JsonNode.Parse(stream);
    }

    private static JsonValue Lines(JsonNode array) => JsonValue.Create(string.Concat(array.AsArray().Select(job => $"{job!.ToJsonString()}\n")))!;

    private static JsonObject? ProblemOf(OpenApiOperation operation, string status)
    {
        var problem = status switch
        {
            "400" when operation.OperationId is "PutSchedule" => new Problem(ProblemTypes.InvalidSchedule, "'cron' must have 5 to 7 fields.") { Field = "cron" },
            "400" when operation.OperationId is "SetLimits" => new Problem(ProblemTypes.InvalidLimits, "'rate.jobs' must be 1 to 1000000.") { Field = "rate.jobs" },
            "400" when operation.OperationId is "EnqueueBatch" => InvalidPriority(ProblemTypes.InvalidBatch, "jobs[0].priority"),
            "400" when operation.OperationId is "EnqueueFlow" => InvalidPriority(ProblemTypes.InvalidBatch, "children[0].priority"),
            "400" when operation.RequestBody is not null => InvalidPriority(ProblemTypes.InvalidJob, "priority"),
            "400" => new Problem(ProblemTypes.InvalidParameter, "'limit' must be a whole number from 1 to 100.") { Field = "limit" },
            "401" => new Problem(ProblemTypes.Unauthenticated),
            "403" => new Problem(ProblemTypes.Forbidden, "The API key 'shop' may not manage in the queue emails."),
            "404" => new Problem(MissingOf(operation.OperationId ?? "")),
            "409" => new Problem(operation.OperationId switch
            {
                "DeleteJob" => ProblemTypes.JobNotEnded,
                "DeleteQueue" => ProblemTypes.QueueNotEmpty,
                _ => ProblemTypes.DuplicateJob,
            }),
            "410" => new Problem(ProblemTypes.EventsTrimmed),
            "412" => new Problem(ProblemTypes.ScheduleChanged, "It was changed, made anew or deleted since that 'ETag' was answered: read it again, and send the one that it has now."),
            "413" => new Problem(ProblemTypes.TooLarge, "A job may have 1114112 bytes, its payload 1048576 of them."),
            "415" => new Problem(ProblemTypes.UnsupportedMediaType, "The content type must be application/json."),
            "422" => new Problem(ProblemTypes.IdempotencyKeyReused, "Its job is emails.01JD3V6X9QK4T2M7R8ZB5C1N0F.") { Field = IdempotencyKey.HeaderName },
            "429" => new Problem(ProblemTypes.RateLimited),
            "503" => new Problem(ProblemTypes.BrokerUnavailable, "Redis at redis:6379 does not answer."),
            "507" => new Problem(ProblemTypes.BrokerFull),
            _ => null,
        };
        return problem is null ? null : Json(problem);
    }

    private static Problem InvalidPriority(ProblemType type, string field) => new(type, "'priority' must be high, normal or low.") { Field = field };

    private static ProblemType MissingOf(string operation) => operation switch
    {
        "ListPools" or "ListBudgets" => ProblemTypes.NoCluster,
        _ when operation.Contains("Schedule", StringComparison.Ordinal) => ProblemTypes.ScheduleNotFound,
        _ when operation.Contains("DeadLetter", StringComparison.Ordinal) => ProblemTypes.DeadLetterNotFound,
        _ when operation.Contains("Batch", StringComparison.Ordinal) => ProblemTypes.BatchNotFound,
        _ when operation.Contains("Pool", StringComparison.Ordinal) => ProblemTypes.PoolNotFound,
        _ when operation.Contains("Budget", StringComparison.Ordinal) => ProblemTypes.BudgetNotFound,
        _ => ProblemTypes.JobNotFound,
    };

    private static JsonObject Json(Problem problem)
    {
        var json = new JsonObject { ["type"] = problem.Type.Uri, ["title"] = problem.Type.Title, ["status"] = problem.Type.Status };
        if (problem.Detail is not null)
            json["detail"] = problem.Detail;
        if (problem.Field is not null)
            json["field"] = problem.Field;
        return json;
    }
}
