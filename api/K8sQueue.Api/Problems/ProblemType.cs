
namespace K8sQueue.Api.Problems;

/// <summary>A kind of error that a client can act on. Its <see cref="Uri"/> is stable; titles and details may change.</summary>
/// <param name="Name">The stable name: lower case, with hyphens.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">A short sentence that is the same for every occurrence.</param>
internal sealed record ProblemType(string Name, int Status, string Title)
{
    /// <summary>What every <see cref="Uri"/> starts with.</summary>
    public const string Prefix = "urn:k8squeue:problem:";

    /// <summary>The <c>type</c> member of the problem document (RFC 9457).</summary>
    public string Uri { get; } = Prefix + Name;
}

/// <summary>Every kind of error that this API answers with. docs/reference/api.md lists them; a test compares the two.</summary>
internal static class ProblemTypes
{
    public static readonly ProblemType MalformedRequest = new(
        "malformed-request", StatusCodes.Status400BadRequest, "The request is malformed.");
    public static readonly ProblemType MalformedJson = new(
        "malformed-json", StatusCodes.Status400BadRequest, "The body is not valid JSON.");
    public static readonly ProblemType JsonTooDeep = new(
        "json-too-deep", StatusCodes.Status400BadRequest, "The payload is nested too deeply.");
    public static readonly ProblemType InvalidJob = new(
        "invalid-job", StatusCodes.Status400BadRequest, "The job is not valid.");
    public static readonly ProblemType InvalidLimits = new(
        "invalid-limits", StatusCodes.Status400BadRequest, "The limits are not valid.");
    public static readonly ProblemType InvalidQueueName = new(
        "invalid-queue-name", StatusCodes.Status400BadRequest, "The queue's name is not valid.");
    public static readonly ProblemType InvalidJobId = new(
        "invalid-job-id", StatusCodes.Status400BadRequest, "The job id is not valid.");
    public static readonly ProblemType InvalidParameter = new(
        "invalid-parameter", StatusCodes.Status400BadRequest, "A query parameter is not valid.");
    public static readonly ProblemType InvalidSchedule = new(
        "invalid-schedule", StatusCodes.Status400BadRequest, "The schedule is not valid.");
    public static readonly ProblemType InvalidBatch = new(
        "invalid-batch", StatusCodes.Status400BadRequest, "The batch or the flow is not valid.");
    public static readonly ProblemType InvalidBatchId = new(
        "invalid-batch-id", StatusCodes.Status400BadRequest, "The batch's id is not valid.");
    public static readonly ProblemType Unauthenticated = new(
        "unauthenticated", StatusCodes.Status401Unauthorized, "A valid API key is required.");
    public static readonly ProblemType Forbidden = new(
        "forbidden", StatusCodes.Status403Forbidden, "The API key does not allow this.");
    public static readonly ProblemType NotFound = new(
        "not-found", StatusCodes.Status404NotFound, "There is nothing at this address.");
    public static readonly ProblemType JobNotFound = new(
        "job-not-found", StatusCodes.Status404NotFound, "The job is unknown, or its record has expired.");
    public static readonly ProblemType JobNotTracked = new(
        "job-not-tracked", StatusCodes.Status404NotFound, "The job was enqueued without tracking; it has no record.");
    public static readonly ProblemType DeadLetterNotFound = new(
        "dead-letter-not-found", StatusCodes.Status404NotFound, "The job is not a dead letter of this queue.");
    public static readonly ProblemType ScheduleNotFound = new(
        "schedule-not-found", StatusCodes.Status404NotFound, "The queue has no schedule of this name.");
    public static readonly ProblemType BatchNotFound = new(
        "batch-not-found", StatusCodes.Status404NotFound, "The batch is unknown, or its record has expired.");
    public static readonly ProblemType NoCluster = new(
        "no-cluster", StatusCodes.Status404NotFound, "The API has no cluster to look at.");
    public static readonly ProblemType PoolNotFound = new(
        "pool-not-found", StatusCodes.Status404NotFound, "The cluster has no WorkerPool of this name.");
    public static readonly ProblemType BudgetNotFound = new(
        "budget-not-found", StatusCodes.Status404NotFound, "The cluster has no ConnectionBudget of this name.");
    public static readonly ProblemType DuplicateJob = new(
        "duplicate-job", StatusCodes.Status409Conflict, "Another job has the deduplication key of this one.");
    public static readonly ProblemType JobNotEnded = new(
        "job-not-ended", StatusCodes.Status409Conflict, "The job waits or runs.");
    public static readonly ProblemType JobNotKept = new(
        "job-not-kept", StatusCodes.Status409Conflict, "The job has ended, and its payload is not kept.");
    public static readonly ProblemType QueueNotEmpty = new(
        "queue-not-empty", StatusCodes.Status409Conflict, "The queue has jobs, dead letters, schedules or workers.");
    public static readonly ProblemType IdempotencyKeyReused = new(
        "idempotency-key-reused", StatusCodes.Status422UnprocessableEntity, "Another request had this idempotency key.");
    public static readonly ProblemType MethodNotAllowed = new(
        "method-not-allowed", StatusCodes.Status405MethodNotAllowed, "The address does not take this method.");
    public static readonly ProblemType RequestTimeout = new(
        "request-timeout", StatusCodes.Status408RequestTimeout, "The request arrived too slowly.");
    public static readonly ProblemType EventsTrimmed = new(
        "events-trimmed", StatusCodes.Status410Gone, "Events behind that one are not kept any more.");
    public static readonly ProblemType ScheduleChanged = new(
        "schedule-changed", StatusCodes.Status412PreconditionFailed, "The schedule is not as the request's condition asks for.");
    public static readonly ProblemType TooLarge = new(
        "too-large", StatusCodes.Status413PayloadTooLarge, "The request is too large.");
    public static readonly ProblemType UnsupportedMediaType = new(
        "unsupported-media-type", StatusCodes.Status415UnsupportedMediaType, "The body's content type is not supported.");
    public static readonly ProblemType TooManyFollowers = new(
        "too-many-followers", StatusCodes.Status429TooManyRequests, "As many clients follow queues or wait for jobs here as may.");
    public static readonly ProblemType RateLimited = new(
        "rate-limited", StatusCodes.Status429TooManyRequests, "More requests came than may.");
    public static readonly ProblemType HeadersTooLarge = new(
        "headers-too-large", StatusCodes.Status431RequestHeaderFieldsTooLarge, "The request's headers are too large.");
    public static readonly ProblemType InternalError = new(
        "internal-error", StatusCodes.Status500InternalServerError, "The request failed for a reason that is logged.");
    public static readonly ProblemType Overloaded = new(
        "overloaded", StatusCodes.Status503ServiceUnavailable, "As many jobs wait for the broker here as may.");
    public static readonly ProblemType RateLimitsUnavailable = new(
        "rate-limits-unavailable", StatusCodes.Status503ServiceUnavailable, "Requests can't be counted, and are refused until they can.");
    public static readonly ProblemType IssuerUnavailable = new(
        "issuer-unavailable", StatusCodes.Status503ServiceUnavailable, "Tokens can't be judged, since their issuer's keys can't be read.");
    public static readonly ProblemType BrokerUnavailable = new(
        "broker-unavailable", StatusCodes.Status503ServiceUnavailable, "The queue's broker can't be reached.");
    public static readonly ProblemType BrokerMisconfigured = new(
        "broker-misconfigured", StatusCodes.Status503ServiceUnavailable, "The queue's broker could lose jobs as it is configured.");
    public static readonly ProblemType ClusterUnavailable = new(
        "cluster-unavailable", StatusCodes.Status503ServiceUnavailable, "The cluster can't be read.");
    public static readonly ProblemType BrokerFull = new(
        "broker-full", StatusCodes.Status507InsufficientStorage, "The queue's broker has no memory left.");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<ProblemType> All =
    [
        MalformedRequest, MalformedJson, JsonTooDeep, InvalidJob, InvalidLimits, InvalidQueueName, InvalidJobId, InvalidParameter, InvalidSchedule, InvalidBatch,
        InvalidBatchId, Unauthenticated, Forbidden, NotFound, JobNotFound, JobNotTracked, DeadLetterNotFound, ScheduleNotFound, BatchNotFound,
        NoCluster, PoolNotFound, BudgetNotFound, DuplicateJob, JobNotEnded, JobNotKept, QueueNotEmpty, MethodNotAllowed, RequestTimeout, EventsTrimmed, ScheduleChanged, TooLarge,
        UnsupportedMediaType, IdempotencyKeyReused, TooManyFollowers, RateLimited, HeadersTooLarge, InternalError, Overloaded, RateLimitsUnavailable, IssuerUnavailable, BrokerUnavailable, BrokerMisconfigured,
        ClusterUnavailable, BrokerFull,
    ];

    /// <summary>What a bare status means, where the framework answered without saying more.</summary>
    public static ProblemType ForStatus(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => Unauthenticated,
        StatusCodes.Status403Forbidden => Forbidden,
        StatusCodes.Status404NotFound => NotFound,
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
        StatusCodes.Status408RequestTimeout => RequestTimeout,
        StatusCodes.Status413PayloadTooLarge => TooLarge,
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
        StatusCodes.Status431RequestHeaderFieldsTooLarge => HeadersTooLarge,
        >= 500 => InternalError,
        _ => MalformedRequest,
    };
}
