using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Worker.Handlers;

/// <summary>What a handler may know of the job that it runs.</summary>
public sealed class JobContext : IAsyncDisposable
{
    /// <summary>The longest result in bytes: 64 KiB.</summary>
    public const int MaxResultBytes = 64 * 1024;

    private readonly JobEnvelope _job;
    private readonly IServiceScopeFactory? _scopes;
    private readonly Lock _lock = new();
    private AsyncServiceScope? _scope;
    private Dictionary<string, object?>? _items;

    public JobContext(JobEnvelope job)
    {
        ArgumentNullException.ThrowIfNull(job);
        _job = job;
    }

    internal JobContext(JobEnvelope job, IServiceScopeFactory scopes)
        : this(job) => _scopes = scopes;

    /// <summary>The job's id: the same over all attempts, so it serves as an idempotency key.</summary>
    public JobId JobId => _job.Id;

    public string Queue => _job.Id.Queue;

    public string Type => _job.Type;

    /// <summary>The attempt that this is, from 1.</summary>
    public int Attempt => _job.Attempt;

    public int MaxAttempts => _job.Retry.MaxAttempts;

    /// <summary>
    /// Grows with every start of the job. A store that keeps the highest token it saw and refuses lower ones is safe from
    /// a worker that was declared dead and came back.
    /// </summary>
    public long FencingToken => _job.Epoch;

    /// <summary>When the job was accepted, by the broker's clock.</summary>
    public DateTimeOffset EnqueuedAt => _job.EnqueuedAt;

    /// <summary>The schedule that enqueued the job; null where none did.</summary>
    public string? Schedule => _job.Traits?.ScheduledRun?.Schedule;

    /// <summary>
    /// The due time of a job that a schedule enqueued: what to reckon with in place of the clock, since the job may start later, or again.
    /// Null for other jobs.
    /// </summary>
    public DateTimeOffset? ScheduledFor => _job.Traits?.ScheduledRun?.At;

    /// <summary>
    /// The batch whose end enqueued the job: what became of its jobs is in <see cref="Core.Queues.IJobQueue.GetBatchAsync"/>. Null for other jobs.
    /// </summary>
    public BatchId? Batch => _job.Traits?.CallbackOf;

    /// <summary>The batch that the job belongs to itself; null where it does to none.</summary>
    public BatchId? MemberOf => _job.Traits?.MemberOf;

    /// <summary>The producer's W3C <c>traceparent</c>, where it sent one.</summary>
    public string? TraceParent => _job.TraceParent;

    /// <summary>The payload as it came: UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Payload => _job.Payload;

    /// <summary>
    /// The services of the job's own scope, which is made when it is first asked for and disposed when the attempt has ended.
    /// </summary>
    /// <exception cref="InvalidOperationException">The context was made by hand.</exception>
    public IServiceProvider Services
    {
        get
        {
            lock (_lock)
            {
                return (_scope ??= _scopes?.CreateAsyncScope()
                    ?? throw new InvalidOperationException("A context that was made by hand has no services.")).ServiceProvider;
            }
        }
    }

    /// <summary>What middleware and handler leave for each other. Not for several threads at once.</summary>
    public IDictionary<string, object?> Items => _items ??= new(StringComparer.Ordinal);

    /// <summary>Where reports of progress go; null for nowhere.</summary>
    internal Action<double, string?>? Progress { private get; init; }

    /// <summary>What <see cref="SetResult(ReadOnlyMemory{byte})"/> left.</summary>
    public ReadOnlyMemory<byte>? Result { get; private set; }

    /// <summary>Keeps a result, UTF-8 JSON, with a tracked job. The last one set before the handler returns counts.</summary>
    /// <exception cref="ArgumentException">It is longer than <see cref="MaxResultBytes"/>.</exception>
    public void SetResult(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxResultBytes)
            throw new ArgumentException($"A result has at most {MaxResultBytes} bytes, not {json.Length}.", nameof(json));
        Result = json;
    }

    /// <inheritdoc cref="SetResult(ReadOnlyMemory{byte})"/>
    public void SetResult<TResult>(TResult result, JsonTypeInfo<TResult> typeInfo) =>
        SetResult(JsonSerializer.SerializeToUtf8Bytes(result, typeInfo));

    /// <summary>
    /// Says how far a tracked job is. The worker tells the broker at most each half second, of all its jobs together; the last report counts,
    /// and one that waits when the job ends is dropped. Of an untracked job nothing is kept.
    /// </summary>
    /// <param name="share">From 0 to 1.</param>
    /// <param name="note">What is to be said beside it; longer ones are cut to <see cref="JobLimits.MaxProgressNoteLength"/> characters.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not from 0 to 1.</exception>
    public ValueTask ReportProgressAsync(double share, string? note = null)
    {
        if (!(share is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "The share of a job that is done is from 0 to 1.");
        Progress?.Invoke(share, Cut(note));
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the scope. The worker does so; a handler does not.</summary>
    ValueTask IAsyncDisposable.DisposeAsync() => _scope?.DisposeAsync() ?? ValueTask.CompletedTask;

    // Not between the halves of a character.
    private static string? Cut(string? note) => note is null || note.Length <= JobLimits.MaxProgressNoteLength
        ? note
        : note[..(JobLimits.MaxProgressNoteLength - (char.IsHighSurrogate(note[JobLimits.MaxProgressNoteLength - 1]) ? 1 : 0))];
}
