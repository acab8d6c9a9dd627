namespace K8sQueue.Benchmarks.Api.Report;

/// <summary>Requests/s of one server over those of another.</summary>
/// <param name="Name">The name in bench-api.json.</param>
/// <param name="Title">What it is, in words.</param>
/// <param name="Of">The one above the line.</param>
/// <param name="Over">The one below the line.</param>
/// <param name="Goal">What the project aims at, in words.</param>
internal sealed record ApiRatio(string Name, string Title, string Of, string Over, string Goal)
{
    public static readonly IReadOnlyList<ApiRatio> All =
    [
        new("vs_empty", "tracked / empty Kestrel", ApiContender.Tracked, ApiContender.Empty, ">= 0.4"),
        new("vs_fastify_bullmq", "tracked / Fastify + BullMQ", ApiContender.Tracked, ApiContender.FastifyBullMq, ">= 3"),
        new("vs_fastify_bullmq_limited", "tracked / the same with limits", ApiContender.Tracked, ApiContender.FastifyBullMqLimited, ">= 3"),
        new("untracked_vs_empty", "untracked / empty Kestrel", ApiContender.Untracked, ApiContender.Empty, ">= 0.4"),
        new("untracked_vs_fastify_bullmq", "untracked / Fastify + BullMQ", ApiContender.Untracked, ApiContender.FastifyBullMq, ">= 3"),
    ];

    /// <summary>The ratio; null where one side was not measured.</summary>
    public double? Value(IReadOnlyList<ApiReport> reports)
    {
        var above = reports.FirstOrDefault(report => report.Contender.Name == Of);
        var below = reports.FirstOrDefault(report => report.Contender.Name == Over);
        return above is null || below is null ? null : above.Medians.PerSecond / below.Medians.PerSecond;
    }
}
