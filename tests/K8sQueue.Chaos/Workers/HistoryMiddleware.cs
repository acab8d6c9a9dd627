using System.Text.Json;
using K8sQueue.Chaos.Histories;
using K8sQueue.Worker.Handlers;

namespace K8sQueue.Chaos.Workers;

/// <summary>Records the begin of every attempt before its handler does anything, and how it ended.</summary>
internal sealed class HistoryMiddleware(HistoryFile history) : IJobMiddleware
{
    public async Task InvokeAsync(JobContext context, JobStep following, CancellationToken cancellationToken)
    {
        var job = JsonSerializer.Deserialize(context.Payload.Span, ChaosJson.Default.ChaosJob)!;
        context.Items[nameof(ChaosJob)] = job;
        Add(HistoryKind.Began, FormattableString.Invariant($"{job.Key}"));
        try
        {
            await following(context, cancellationToken);
            Add(HistoryKind.Ended, "");
        }
        catch (Exception e)
        {
            Add(HistoryKind.Threw, e.GetType().Name);
            throw;
        }

        void Add(HistoryKind kind, string detail) => history.Add(kind, context.JobId, context.Attempt, context.FencingToken, detail);
    }
}
