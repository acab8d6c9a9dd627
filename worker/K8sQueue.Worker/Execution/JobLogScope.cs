using System.Collections;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Worker.Execution;

/// <summary>The job's id, type and trace on every line that its handler logs.</summary>
internal sealed class JobLogScope(JobEnvelope job) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 3;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("JobId", job.Id.Value),
        1 => new("JobType", job.Type),
        2 => new("TraceParent", job.TraceParent),
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
