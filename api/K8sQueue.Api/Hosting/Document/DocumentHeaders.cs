using K8sQueue.Api.Validation;
using Microsoft.OpenApi;

namespace K8sQueue.Api.Hosting.Document;

/// <summary>The headers of answers.</summary>
internal static class DocumentHeaders
{
    // What these make has an address, the job's where it is tracked.
    private static readonly string[] Makers =
        ["EnqueueJob", "EnqueueJobByType", "EnqueueBatch", "EnqueueFlow", "RetryJob", "RedriveDeadLetter", "TriggerSchedule", "PutSchedule"];

    public static void Add(OpenApiOperation operation)
    {
        foreach (var (status, answer) in operation.Responses ?? [])
        {
            if (answer is not OpenApiResponse response)
                continue;
            if (status is "201" or "202" && Makers.Contains(operation.OperationId, StringComparer.Ordinal))
                Add(response, "Location", JsonSchemaType.String, "The address of what was made: of a job, of its record, where it is tracked.");
            if (status == "202" && operation.OperationId is "EnqueueJob" or "EnqueueJobByType")
                Add(response, IdempotencyKey.ReplayedHeaderName, JsonSchemaType.String, "'true' where a request before had the idempotency key, and this is its answer.");
            if (status is "200" or "201" or "304" && operation.OperationId is "GetSchedule" or "PutSchedule")
                Add(response, "ETag", JsonSchemaType.String, "The schedule as it is answered: 'If-Match' of a change, or 'If-None-Match' of a read, takes it.");
            if (status == "401")
                Add(response, "WWW-Authenticate", JsonSchemaType.String, "How to say who sends a request, and what is wrong with a token.");
            if (status is "429" or "503" or "507")
                Add(response, "Retry-After", JsonSchemaType.Integer, "In how many seconds to try again.");
            if (status == "429")
            {
                Add(response, "RateLimit-Policy", JsonSchemaType.String, "The limit: how many requests in how many seconds.");
                Add(response, "RateLimit", JsonSchemaType.String, "How many of them are left, and in how many seconds there are all again.");
            }
        }
    }

    private static void Add(OpenApiResponse response, string name, JsonSchemaType type, string description)
    {
        response.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
        response.Headers[name] = new OpenApiHeader { Description = description, Schema = new OpenApiSchema { Type = type } };
    }
}
