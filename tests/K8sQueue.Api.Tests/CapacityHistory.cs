using K8sQueue.Core.Capacity;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests;

/// <summary>Makes a queue whose capacity is known.</summary>
internal static class CapacityHistory
{
    /// <summary>Two minutes of two jobs a second that take four seconds each, and one worker of eight slots.</summary>
    public static async Task MakeAsync(IJobQueue queue, string name, ManualTimeProvider time)
    {
        await queue.Load.ReportAsync(name, LoadSample.None, CancellationToken.None);
        for (var report = 0; report < 12; report++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await queue.EnqueueAsync([.. Enumerable.Repeat(new JobRequest { Queue = name, Type = "t" }, 20)], CancellationToken.None);
            await queue.Load.ReportAsync(name, TenSeconds(), CancellationToken.None);
        }
    }

    private static LoadSample TenSeconds()
    {
        var (durations, waits) = (new LoadHistogram(), new LoadHistogram());
        for (var job = 0; job < 20; job++)
        {
            durations.Add(TimeSpan.FromSeconds(4));
            waits.Add(TimeSpan.FromSeconds(0.5));
        }

        return new LoadSample
        {
            Durations = durations,
            Waits = waits,
            Busy = TimeSpan.FromSeconds(60),
            Occupied = TimeSpan.FromSeconds(60),
            Slots = TimeSpan.FromSeconds(80),
            Elapsed = TimeSpan.FromSeconds(10),
        };
    }
}
