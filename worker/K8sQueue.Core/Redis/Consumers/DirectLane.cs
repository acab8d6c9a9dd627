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

    private readonly bool[] _waits = new bool[Enum.GetValues<Lane>().Length]; // whether a batch that starts at a lane found jobs there
    private Lane? _lane;
    private int _off;

    /// <summary>The lane to read up to <paramref name="max"/> jobs of; null where the script is to read.</summary>
    public Lane? Next(int max, Lane first) => max < leastJobs || _off > 0 || (_waits[(int)first] && _lane != first) ? null : _lane;

    /// <summary>The script or the command took jobs of these lanes, or none.</summary>
    public void Took(int max, Lane first, ReadOnlySpan<JobLease> taken)
    {
        var isOfFirst = first != Lane.Returned && !taken.IsEmpty && taken[0].Lane == first;
        if (taken.Length < max || !IsPlain(taken))
            _lane = null;
        else if (!isOfFirst)
            _lane = taken[0].Lane; // else the next batch reads the lane that the one before did
        _off = Math.Max(0, _off - 1);
        if (first != Lane.Returned)
            _waits[(int)first] = isOfFirst;
    }

    /// <summary>Another lane went first, or the lane could not be read.</summary>
    public void Refused(Lane first)
    {
        if (first != Lane.Returned && !_waits[(int)first])
            _waits[(int)first] = true;
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
