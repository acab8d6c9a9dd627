using System.Numerics;

namespace K8sQueue.Core.Capacity;

/// <summary>
/// The buckets of times: four to a power of two of microseconds, as HdrHistogram lays them out (http://hdrhistogram.org), so that every worker
/// counts alike and an index costs a few instructions. A bucket is at most a quarter wider than it begins; below 4 µs each has its own.
/// The last one takes all that is longer than 12 days. What a bucket means never changes: releases N and N-1 count in the same hashes.
/// </summary>
internal static class LoadBuckets
{
    /// <summary>How many there are.</summary>
    public const int Count = 160;

    private const int PerOctave = 4;
    private const int OctaveBits = 2;

    /// <summary>The bucket of a time; one below zero counts as zero.</summary>
    public static int IndexOf(TimeSpan time)
    {
        var microseconds = Math.Max(0, time.Ticks / TimeSpan.TicksPerMicrosecond);
        if (microseconds < PerOctave)
            return (int)microseconds;
        var octave = BitOperations.Log2((ulong)microseconds);
        var within = (int)(microseconds >> (octave - OctaveBits)) & (PerOctave - 1);
        return Math.Min(((octave - 1) * PerOctave) + within, Count - 1);
    }

    /// <summary>The shortest time in a bucket; that of <see cref="Count"/> is where the last one would end.</summary>
    public static TimeSpan StartOf(int index)
    {
        if (index < PerOctave)
            return TimeSpan.FromMicroseconds(index);
        var octave = (index / PerOctave) + 1;
        long within = PerOctave + (index % PerOctave);
        return TimeSpan.FromMicroseconds(within << (octave - OctaveBits));
    }
}
