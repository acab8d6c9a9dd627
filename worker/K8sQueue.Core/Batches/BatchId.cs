using System.Diagnostics.CodeAnalysis;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Batches;

/// <summary>The id of a batch: <c>&lt;queue&gt;.&lt;ulid&gt;</c>, as a job's, of the queue where its record is.</summary>
public readonly record struct BatchId
{
    private readonly JobId _id;

    private BatchId(JobId id) => _id = id;

    /// <summary>The queue where the batch's record is: that of its callbacks, or of its first job.</summary>
    public string Queue => _id.Queue;

    /// <summary>The whole id as text.</summary>
    public string Value => _id.Value;

    /// <summary>The id without its queue.</summary>
    public string Ulid => _id.Ulid;

    /// <summary>Makes a new id.</summary>
    public static BatchId Create(string queue, TimeProvider time) => new(JobId.Create(queue, tracked: true, time));

    /// <summary>Reads an id; false where the text is not one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out BatchId id)
    {
        var parsed = JobId.TryParse(text, out var inner);
        id = new BatchId(inner);
        return parsed;
    }

    /// <summary>Reads an id.</summary>
    /// <exception cref="FormatException">The text is not a batch's id.</exception>
    public static BatchId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a batch's id: expected <queue>.<ulid>.");

    /// <inheritdoc/>
    public override string ToString() => _id.ToString();
}
