using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>Jobs for the dashboard to show.</summary>
internal static class DashboardJobs
{
    public static JobRequest Request(string payload = "{}", string queue = "q") =>
        new() { Queue = queue, Type = "email.send", Tracked = true, Payload = Encoding.UTF8.GetBytes(payload) };

    public static async Task<JobId> EnqueueAsync(this IJobQueue jobs, JobRequest request) => (await jobs.EnqueueAsync([request], CancellationToken.None))[0].Id;

    /// <summary>Makes a dead letter.</summary>
    public static async Task<JobId> BuryAsync(
        this IJobQueue jobs, JobRequest request, string error = "boom", string reason = DeadLetterReasons.AttemptsExhausted)
    {
        var id = await jobs.EnqueueAsync(request);
        await using var consumer = await OpenAsync(jobs, request.Queue);
        var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Single();
        await consumer.BuryAsync([new JobBurial(lease, reason, error)], CancellationToken.None);
        return id;
    }

    public static ValueTask<IJobConsumer> OpenAsync(this IJobQueue jobs, string queue) =>
        jobs.OpenConsumerAsync(new JobConsumerOptions { Queues = [queue], Name = $"pod-{Guid.NewGuid():n}" }, CancellationToken.None);
}
