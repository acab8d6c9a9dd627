using System.Collections.Concurrent;
using System.Text;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Enqueueing;

/// <summary>A broker in memory whose enqueue calls wait, fail before they have an effect, or fail behind it, as a script says; and which remembers them.</summary>
internal sealed class ScriptedBroker(Func<int, ScriptedBroker.Step> script) : DelegatingJobQueue(new InMemoryJobQueue())
{
    /// <summary>A payload that it refuses.</summary>
    public const string Invalid = "\"invalid\"";

    private readonly ConcurrentDictionary<string, int> _underWay = new(StringComparer.Ordinal);
    private int _calls;

    /// <param name="Wait">What a call waits for first.</param>
    /// <param name="Before">What it throws before it adds; null for nothing.</param>
    /// <param name="Behind">What it throws after it has added; null for nothing.</param>
    internal sealed record Step(Func<Task> Wait, Func<Exception>? Before = null, Func<Exception>? Behind = null);

    /// <summary>The jobs of each call that added some, in order.</summary>
    public ConcurrentQueue<IReadOnlyList<(JobRequest Job, EnqueuedJob Answer)>> Added { get; } = new();

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Calls that had jobs of several queues, or ran beside another one for the same queue.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    public static string PayloadOf(JobRequest job) => Encoding.UTF8.GetString(job.Payload.Span);

    public override async ValueTask<IReadOnlyList<EnqueuedJob>> EnqueueAsync(IReadOnlyList<JobRequest> jobs, CancellationToken cancellationToken)
    {
        var step = script(Interlocked.Increment(ref _calls));
        var queue = jobs[0].Queue;
        if (jobs.Any(job => job.Queue != queue))
            Faults.Enqueue($"a call had jobs of {string.Join(", ", jobs.Select(job => job.Queue).Distinct())}");
        if (_underWay.AddOrUpdate(queue, 1, (_, n) => n + 1) > 1)
            Faults.Enqueue($"two calls for {queue} at once");
        try
        {
            await step.Wait();
            if (jobs.Any(job => PayloadOf(job) == Invalid))
                throw new ArgumentException("The payload is invalid.");
            if (step.Before is { } before)
                throw before();
            var answers = await base.EnqueueAsync(jobs, cancellationToken);
            Added.Enqueue([.. jobs.Zip(answers)]);
            return step.Behind is { } behind ? throw behind() : answers;
        }
        finally
        {
            _underWay.AddOrUpdate(queue, 0, (_, n) => n - 1);
        }
    }
}
