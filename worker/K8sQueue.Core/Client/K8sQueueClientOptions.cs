namespace K8sQueue.Client;

/// <summary>Settings of <see cref="K8sQueueClient"/>.</summary>
public sealed class K8sQueueClientOptions
{
    /// <summary>Where the API is, for example <c>http://k8squeue-api.k8squeue.svc:8080</c>. Required.</summary>
    public Uri? Address { get; set; }

    /// <summary>The API key; null for none, or where <see cref="ApiKeyFile"/> has it.</summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// A file with the API key, for example of a mounted Secret. It is read again while the client runs, so that a key can be replaced without a
    /// restart. It goes before <see cref="ApiKey"/>.
    /// </summary>
    public string? ApiKeyFile { get; set; }

    /// <summary>How long one attempt of a call may take; a bulk has no limit. 0.1 seconds to 1 hour. The default value is 10 seconds.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a call that failed for a passing reason is repeated, where that is safe: 0 to 20. The default value is 4.</summary>
    public int MaxRetries { get; set; } = 4;

    /// <summary>
    /// About how long it takes until the first repetition; the pause doubles each time. Where the API names a time (<c>Retry-After</c>), that is
    /// heeded. Up to 1 minute. The default value is 0.2 seconds.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The longest pause before a repetition; where the API names a longer one, the call fails. From <see cref="RetryDelay"/> to 1 hour. The default
    /// value is 10 seconds.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether each enqueue has an idempotency key of its own, so that it can be repeated; the broker remembers it for a day, in some 150 bytes. Without, one
    /// that has no key of the caller's is sent once. The default value is true.
    /// </summary>
    public bool IdempotencyKeys { get; set; } = true;

    /// <summary>The most jobs that a bulk sends in one request, 1 to 100,000: their results are kept in memory. The default value is 10,000.</summary>
    public int BulkRequestJobs { get; set; } = 10_000;

    /// <summary>
    /// How long a request of a bulk waits for jobs of its source, all waits together, before it ends, so that the jobs before are answered. 10 milliseconds to 4
    /// seconds: after 5 the API cuts a request that says little. The default value is 1 second.
    /// </summary>
    public TimeSpan BulkLinger { get; set; } = TimeSpan.FromSeconds(1);
}
