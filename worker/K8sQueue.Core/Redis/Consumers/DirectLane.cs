using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>
/// Which lane of a queue the next fetch reads with a plain command (direct.lua says why). A large fetch does where the last one was
/// full, of one lane and untracked: it costs less there. Where lanes are mixed, the script reads them, since a direct read that is taken back was for nothing.
/// </summary>
/// <param name="leastJobs">The smallest fetch that is large.</param>
internal sealed class DirectLane(int leastJobs)
{
    /// <summary>For how many fetches the script reads after another lane went first.</summary>
    public const int FetchesOff = 16;

    private Lane? _lane;
    private int _off;
    private bool _lowWaits;

    /// <summary>The lane to read up to <paramref name="max"/> jobs of; null where the script is to read.</summary>
    public Lane? Next(int max, bool lowFirst) =>
        max < leastJobs || _off > 0 || (lowFirst && _lowWaits && _lane != Lane.Low) ? null : _lane;

    /// <summary>The script or the command took jobs of these lanes, or none.</summary>
    public void Took(int max, bool lowFirst, ReadOnlySpan<JobLease> taken)
    {
        _lane = taken.Length >= max && IsPlain(taken) ? taken[0].Lane : null;
        _off = Math.Max(0, _off - 1);
        if (lowFirst)
            _lowWaits = !taken.IsEmpty && taken[0].Lane == Lane.Low;
    }

    /// <summary>Another lane went first, or the lane could not be read.</summary>
    public void Refused(bool lowFirst)
    {
        if (lowFirst && !_lowWaits)
            _lowWaits = true;
        else
            _off = FetchesOff;
    }

    // Jobs of one lane without records, whose start the script would write.
    private static bool IsPlain(ReadOnlySpan<JobLease> taken)
    {
        foreach (var lease in taken)
        {
            if (lease.Lane != taken[0].Lane || lease.Job.Id.IsTracked)
                return false;
        }

        return true;
    }
}
