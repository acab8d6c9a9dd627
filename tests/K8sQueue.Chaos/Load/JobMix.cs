using K8sQueue.Chaos.Running;
using K8sQueue.Chaos.Workers;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Chaos.Load;

/// <summary>Makes the jobs of a load.</summary>
internal sealed record JobMix
{
    /// <summary>Short ones, half of the batches tracked.</summary>
    public static readonly JobMix Short = new();

    public string Type { get; init; } = JobTypes.Work;

    /// <summary>How long a job works, from and to, in milliseconds.</summary>
    public (int From, int To) Milliseconds { get; init; } = (5, 60);

    /// <summary>The share of jobs that work for <see cref="LongMilliseconds"/>.</summary>
    public double LongShare { get; init; }

    public int LongMilliseconds { get; init; }

    /// <summary>Attempts that fail, of each job.</summary>
    public int Failures { get; init; }

    public string? Padding { get; init; }

    public IReadOnlyList<string> Queues { get; init; } = [ScenarioContext.Queue];

    /// <summary>How a batch's jobs are made of their keys. A batch is tracked or not, since only jobs that are alike go the way of bulk calls.</summary>
    public Func<long, JobRequest> Batch(Random random)
    {
        var tracked = random.Next(2) == 0;
        return key => Request(key, random, tracked);
    }

    private JobRequest Request(long key, Random random, bool tracked)
    {
        var milliseconds = random.NextDouble() < LongShare ? LongMilliseconds : random.Next(Milliseconds.From, Milliseconds.To + 1);
        return new JobRequest
        {
            Queue = Queues.Count == 1 ? Queues[0] : Queues[random.Next(Queues.Count)],
            Type = Type,
            Payload = new ChaosJob(key, milliseconds, Failures, Padding).ToUtf8(),
            Tracked = tracked,
            Retry = new RetryPolicy { Delay = TimeSpan.FromMilliseconds(200), Backoff = BackoffKind.Fixed },
        };
    }
}
