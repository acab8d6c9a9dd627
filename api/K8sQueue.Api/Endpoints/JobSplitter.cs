using System.Buffers;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;

namespace K8sQueue.Api.Endpoints;

/// <summary>
/// Cuts a body that arrives in pieces into the bytes of single jobs. It looks at each byte once and never holds more than one job
/// of <see cref="PayloadLimit.JobBytes"/>: of a larger one it remembers only that it was there.
/// </summary>
internal abstract class JobSplitter(PayloadLimit limit)
{
    private long _scanned;
    private bool _oversize;

    /// <summary>Cuts the next job off the start of <paramref name="buffer"/>; false where more must be read, or nothing is left.</summary>
    /// <param name="buffer">What has arrived and was not cut off yet.</param>
    /// <param name="final">Whether this is all there will be.</param>
    /// <param name="job">The job's bytes; null where it is too large.</param>
    /// <exception cref="ProblemException">The body as a whole is broken.</exception>
    public bool TryCut(ref ReadOnlySequence<byte> buffer, bool final, out ReadOnlySequence<byte>? job)
    {
        job = null;
        if (!TryOpen(ref buffer, final))
            return false;
        foreach (var piece in buffer.Slice(_scanned))
        {
            var end = FindEnd(piece.Span);
            if (end >= 0)
            {
                job = Cut(ref buffer, _scanned + end, delimiter: 1);
                return true;
            }

            _scanned += piece.Length;
        }

        if (final)
        {
            EndOfBody();
            job = Cut(ref buffer, _scanned, delimiter: 0);
            return true;
        }

        if (_scanned > limit.JobBytes)
        {
            _oversize = true;
            _scanned = 0;
            buffer = buffer.Slice(buffer.End);
        }

        return false;
    }

    /// <summary>Consumes what stands before a job; false where there is no further job yet.</summary>
    protected abstract bool TryOpen(ref ReadOnlySequence<byte> buffer, bool final);

    /// <summary>The place of the delimiter that ends the job, or -1. Called with each piece once, in order.</summary>
    protected abstract int FindEnd(ReadOnlySpan<byte> piece);

    /// <summary>The body ended within a job, which ends it, or throws.</summary>
    protected virtual void EndOfBody()
    {
    }

    /// <summary>Whether a job has begun and its end was not found yet.</summary>
    protected bool IsWithinJob => _oversize || _scanned > 0;

    protected static bool SkipWhiteSpace(ref ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        reader.AdvancePastAny(" \t\r\n"u8);
        buffer = reader.UnreadSequence;
        return !buffer.IsEmpty;
    }

    private ReadOnlySequence<byte>? Cut(ref ReadOnlySequence<byte> buffer, long length, int delimiter)
    {
        ReadOnlySequence<byte>? job = _oversize || length > limit.JobBytes ? null : buffer.Slice(0, length);
        buffer = buffer.Slice(length + delimiter);
        _scanned = 0;
        _oversize = false;
        return job;
    }
}

/// <summary>One job a line. Blank lines are nothing.</summary>
internal sealed class LineSplitter(PayloadLimit limit) : JobSplitter(limit)
{
    protected override bool TryOpen(ref ReadOnlySequence<byte> buffer, bool final) =>
        IsWithinJob || SkipWhiteSpace(ref buffer);

    protected override int FindEnd(ReadOnlySpan<byte> piece) => piece.IndexOf((byte)'\n');
}
