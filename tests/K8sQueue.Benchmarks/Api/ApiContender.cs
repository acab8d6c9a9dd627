using K8sQueue.Benchmarks.Queues;

namespace K8sQueue.Benchmarks.Api;

/// <summary>One row of the comparison: a server, and what it is sent.</summary>
/// <param name="Name">The name on the command line and in bench-api.json.</param>
/// <param name="Title">The row's name in the table.</param>
/// <param name="Body">The body of every request; its payload is <see cref="BenchmarkPayload"/>.</param>
/// <param name="StoresJobs">Whether each request leaves a job in the broker.</param>
internal sealed record ApiContender(string Name, string Title, string Body, bool StoresJobs = true)
{
    public const string Empty = "empty";
    public const string FastifyBullMq = "fastify_bullmq";
    public const string FastifyBullMqLimited = "fastify_bullmq_limited";
    public const string Tracked = "k8squeue";
    public const string Untracked = "k8squeue_untracked";

    private static readonly string PlainBody = $$"""{"type":"noop","payload":{{BenchmarkPayload.Text}}}""";

    public static readonly IReadOnlyList<ApiContender> All =
    [
        new(Empty, "empty Kestrel", PlainBody, StoresJobs: false),
        new(FastifyBullMq, "Fastify + BullMQ", PlainBody),
        new(FastifyBullMqLimited, "Fastify + BullMQ, limits", PlainBody),
        new(Tracked, "K8sQueue, tracked", PlainBody),
        new(Untracked, "K8sQueue, untracked", $$"""{"type":"noop","tracked":false,"payload":{{BenchmarkPayload.Text}}}"""),
    ];

    public static readonly string[] Names = [.. All.Select(contender => contender.Name)];
}
