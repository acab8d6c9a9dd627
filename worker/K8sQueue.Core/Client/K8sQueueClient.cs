using K8sQueue.Client.Http;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using Microsoft.Extensions.Options;

namespace K8sQueue.Client;

/// <summary>
/// A producer's client of the HTTP API: it needs no way to Redis. <c>services.AddK8sQueueClient(...)</c> adds it. Calls that failed for a passing reason
/// are repeated where that is safe: an enqueue has a key by which the API knows it again (<c>Idempotency-Key</c>). What the caller's trace is, the
/// job's handler continues.
/// <para>Every call may throw one of <see cref="K8sQueueException"/>, or <see cref="OperationCanceledException"/> where it was cancelled.</para>
/// </summary>
public sealed partial class K8sQueueClient
{
    private const string IdempotencyKey = "Idempotency-Key";
    private const string JobNotFound = "job-not-found";

    private readonly ApiCalls _calls;
    private readonly K8sQueueClientOptions _options;
    private readonly TimeProvider _time;

    /// <param name="http">Its base address is the API; its own time-out should be none.</param>
    public K8sQueueClient(HttpClient http, IOptions<K8sQueueClientOptions> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Value;
        _time = time;
        _calls = new ApiCalls(http, _options, time);
    }

    /// <summary>
    /// Adds a job to its queue or, where <see cref="JobRequest.Queue"/> is empty, to the one that the API's route of its type leads to. It is tracked where
    /// <see cref="JobRequest.Tracked"/> says so.
    /// </summary>
    /// <param name="idempotencyKey">
    /// By what the API knows a call that is sent again within a day: 1 to 255 visible ASCII characters. Where it is null, the call has one of its own, so that it may be
    /// repeated (<see cref="K8sQueueClientOptions.IdempotencyKeys"/>); give one to repeat it yourself, for example the key of the row that the job is made of. A job
    /// with a deduplication key has none: it is repeated where that key is held for a time alone that is no shorter than all attempts and the pauses between them may
    /// take (90 seconds by default: <see cref="K8sQueueClientOptions.AttemptTimeout"/>, <see cref="K8sQueueClientOptions.MaxRetries"/> and
    /// <see cref="K8sQueueClientOptions.MaxRetryDelay"/>), and sent once otherwise.
    /// </param>
    /// <exception cref="ArgumentException">The payload is not JSON, or the job has a deduplication key beside the idempotency key.</exception>
    public async Task<EnqueuedJob> EnqueueAsync(JobRequest job, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        var body = JobRequestJson.Write(job);
        if (job.Deduplication is not null && idempotencyKey is not null)
            throw new ArgumentException("A job with a deduplication key can't have an idempotency key too.", nameof(idempotencyKey));
        var key = idempotencyKey ?? (_options.IdempotencyKeys && job.Deduplication is null ? Guid.NewGuid().ToString("n") : null);
        var path = job.Queue.Length == 0 ? "v1/jobs" : JobsOf(job.Queue);

        // A key that is held until the job is done, or for a short time, may be free again before the call is repeated.
        var isSafe = key is not null || (job.Deduplication is { UntilDone: false, Window: { } window } && window >= RetryRules.LongestCall(_options));
        using var response = await (isSafe ? _calls.SendAsync(Make, cancellationToken) : _calls.SendOnceAsync(Make, cancellationToken)).ConfigureAwait(false);
        var accepted = await ApiCalls.ReadAsync(response, ClientJsonContext.Default.AcceptedAnswer, cancellationToken).ConfigureAwait(false);
        return new EnqueuedJob(accepted.Id, accepted.Duplicate);

        HttpRequestMessage Make()
        {
            var request = ApiCalls.Post(path, body);
            if (key is not null)
                request.Headers.TryAddWithoutValidation(IdempotencyKey, key);
            if (job.TraceParent is not null)
                request.Headers.TryAddWithoutValidation("traceparent", job.TraceParent);
            return request;
        }
    }

    /// <summary>The record of a tracked job; null where it is unknown, or its record has expired.</summary>
    /// <exception cref="K8sQueueNotFoundException">The job is not tracked (<c>job-not-tracked</c>).</exception>
    public async Task<JobRecord?> GetAsync(JobId id, CancellationToken cancellationToken = default)
    {
        try
        {
            using var response = await _calls.SendAsync(() => ApiCalls.Get(PathOf(id)), cancellationToken).ConfigureAwait(false);
            return await ApiCalls.ReadAsync(response, ClientJsonContext.Default.JobRecord, cancellationToken).ConfigureAwait(false);
        }
        catch (K8sQueueNotFoundException e) when (e.ProblemType == JobNotFound)
        {
            return null;
        }
    }

    /// <summary>Cancels a job: it ends at once where it does not run, and is told to stop where it does.</summary>
    public async Task<CancelOutcome> CancelAsync(JobId id, CancellationToken cancellationToken = default)
    {
        try
        {
            using var response = await _calls.SendAsync(() => ApiCalls.Post($"{PathOf(id)}/cancel"), cancellationToken).ConfigureAwait(false);
            return (await ApiCalls.ReadAsync(response, ClientJsonContext.Default.CancelAnswer, cancellationToken).ConfigureAwait(false)).Outcome;
        }
        catch (K8sQueueNotFoundException e) when (IsOfJob(e))
        {
            return CancelOutcome.NotFound;
        }
    }

    /// <summary>
    /// Waits until a tracked job has ended, and returns its record. It asks the API to answer only then (<c>?wait=</c>), and with growing pauses
    /// where that answers at once.
    /// </summary>
    /// <param name="within">How long it waits; null for as long as it takes.</param>
    /// <exception cref="TimeoutException">The job has not ended by then.</exception>
    /// <exception cref="K8sQueueNotFoundException">The job is unknown, has no record, or had one that has expired.</exception>
    public async Task<JobRecord> WaitAsync(JobId id, TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        for (var turn = 0; ; turn++)
        {
            var left = (within ?? WaitPauses.LongestWait) - _time.GetElapsedTime(started);
            var asked = _time.GetTimestamp();
            var job = await AskAsync(id, WaitPauses.Seconds(within is null ? WaitPauses.LongestWait : left), cancellationToken).ConfigureAwait(false);
            if (job.HasEnded)
                return job;
            if (_time.GetElapsedTime(started) >= within)
                throw new TimeoutException($"The job {id} has not ended within {within}: it is {job.State}.");
            var pause = WaitPauses.Pause(turn, _time.GetElapsedTime(asked));
            if (within is { } limit && pause > limit - _time.GetElapsedTime(started))
                pause = limit - _time.GetElapsedTime(started);
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<JobRecord> AskAsync(JobId id, int seconds, CancellationToken cancellationToken)
    {
        var path = seconds > 0 ? $"{PathOf(id)}?wait={seconds}s" : PathOf(id);
        using var response = await _calls.SendAsync(() => ApiCalls.Get(path), cancellationToken, TimeSpan.FromSeconds(seconds)).ConfigureAwait(false);
        return await ApiCalls.ReadAsync(response, ClientJsonContext.Default.JobRecord, cancellationToken).ConfigureAwait(false);
    }

    // A 404 of another kind is of a wrong address or a proxy, and says nothing of the job.
    private static bool IsOfJob(K8sQueueNotFoundException e) => e.ProblemType is JobNotFound or "job-not-tracked";

    private static string PathOf(JobId id) => id.Value is null
        ? throw new ArgumentException("The job's id is missing.", nameof(id))
        : $"v1/jobs/{id.Value}";
}
