using System.Text;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Tests.Samples;

/// <summary>Jobs as a sample is given them, over both ways, and as this program would enqueue them.</summary>
/// <param name="Direct">What goes straight to Redis.</param>
/// <param name="Http">The same job over HTTP.</param>
/// <param name="Request">The same job in C#.</param>
internal sealed record SampleJob(string Direct, string Http, JobRequest Request)
{
    private const string Queue = "of-csharp";

    private static readonly string LargeText = new('x', 40_000);

    public static IReadOnlyList<SampleJob> All { get; } =
    [
        new(
            """{"type": "email.send", "payload": "{\"to\":\"gr\u00f6\u00dfe@example.org\"}"}""",
            """{"type": "email.send", "payload": {"to": "gr\u00f6\u00dfe@example.org"}, "tracked": false}""",
            new JobRequest { Queue = Queue, Type = "email.send", Payload = """{"to":"größe@example.org"}"""u8.ToArray() }),
        new(
            """
            {"type": "a;b, \u00e4=1", "payload": "[1]", "tracked": true, "lane": "high", "timeoutMs": 30000, "retry": {"maxAttempts": 7, "backoff": "fixed", "delayMs": 1500, "maxDelayMs": 60000, "jitter": 0.5}, "deduplication": {"key": "order 7, paid; 100%!'()*", "windowMs": 60000, "untilDone": true}, "concurrency": {"key": "tenant\u00a0a/\ud83d\ude00", "limit": 2}, "tags": ["vip", "gr\u00f6\u00dfe|1"], "retentionMs": 300000}
            """,
            """
            {"type": "a;b, \u00e4=1", "payload": [1], "priority": "high", "timeoutSeconds": 30, "maxAttempts": 7, "backoff": {"type": "fixed", "delaySeconds": 1.5, "maxDelaySeconds": 60, "jitter": 0.5}, "deduplication": {"key": "order 7, paid; 100%!'()*", "windowSeconds": 60, "untilDone": true}, "concurrency": {"key": "tenant\u00a0a/\ud83d\ude00", "limit": 2}, "tags": ["vip", "gr\u00f6\u00dfe|1"], "retentionSeconds": 300}
            """,
            new JobRequest
            {
                Queue = Queue,
                Type = "a;b, ä=1",
                Payload = "[1]"u8.ToArray(),
                Tracked = true,
                Lane = Lane.High,
                Timeout = TimeSpan.FromSeconds(30),
                Retry = new RetryPolicy
                {
                    MaxAttempts = 7,
                    Backoff = BackoffKind.Fixed,
                    Delay = TimeSpan.FromSeconds(1.5),
                    MaxDelay = TimeSpan.FromMinutes(1),
                    Jitter = 0.5,
                },
                Deduplication = new JobDeduplication("order 7, paid; 100%!'()*", TimeSpan.FromMinutes(1), UntilDone: true),
                Concurrency = new JobConcurrency("tenant\u00a0a/😀", 2),
                Tags = ["vip", "größe|1"],
                Retention = TimeSpan.FromMinutes(5),
            }),
        new(
            """{"type": "t", "lane": "low", "delayMs": 50, "retry": {"maxAttempts": 3, "backoff": "custom", "delaysMs": [0, 1000, 60000], "jitter": 0}}""",
            """
            {"type": "t", "priority": "low", "delaySeconds": 0.05, "tracked": false, "maxAttempts": 3, "backoff": {"type": "custom", "delaysSeconds": [0, 1, 60], "jitter": 0}}
            """,
            new JobRequest
            {
                Queue = Queue,
                Type = "t",
                Lane = Lane.Low,
                Delay = TimeSpan.FromMilliseconds(50),
                Retry = new RetryPolicy
                {
                    MaxAttempts = 3,
                    Backoff = BackoffKind.Custom,
                    Delays = [TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)],
                    Jitter = 0,
                },
            }),
        new(
            $$"""{"type": "large", "payload": "\"{{LargeText}}\""}""",
            $$"""{"type": "large", "payload": "{{LargeText}}", "tracked": false}""",
            new JobRequest { Queue = Queue, Type = "large", Payload = Encoding.UTF8.GetBytes($"\"{LargeText}\"") }),
    ];
}
