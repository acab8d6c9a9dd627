using System.Collections;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Telemetry;

namespace K8sQueue.Worker.Execution;

/// <summary>Job and trace on every line that is logged in its attempt.</summary>
internal sealed class JobLogScope(JobEnvelope job) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 5;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("JobId", job.Id.Value),
        1 => new("JobType", job.Type),
        2 => new("Queue", job.Id.Queue),
        3 => new("Attempt", job.Attempt),
        4 => new("TraceId", WorkerTracing.TraceId(job)),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"job {job.Id} ({job.Type})";
}
