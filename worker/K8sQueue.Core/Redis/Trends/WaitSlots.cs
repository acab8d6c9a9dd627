using System.Buffers.Binary;
using K8sQueue.Core.Trends;

namespace K8sQueue.Core.Redis.Trends;

/// <summary>
/// Waits as bytes behind the marks of <see cref="TrendSlots"/>, in the same string: a ring of slots for each span, a slot more than the span has steps. A slot has
/// the step in 4 bytes, and what half and 95 of 100 waits did not exceed, in ms as single-precision numbers, the most significant byte first. A slot of zeroes is empty.
/// </summary>
internal static class WaitSlots
{
    /// <summary>Bytes of a slot.</summary>
    public const int Size = 12;

    private static readonly int First = TrendSpan.All.Sum(TrendSlots.LengthOf);

    /// <summary>Where a span's ring begins.</summary>
    public static int StartOf(TrendSpan span) => First + (Size * TrendSpan.All.TakeWhile(other => other != span).Sum(CountOf));

    /// <summary>How many bytes a span's ring has.</summary>
    public static int LengthOf(TrendSpan span) => Size * CountOf(span);

    /// <summary>Where the slot of a step is.</summary>
    public static int PlaceOf(TrendSpan span, long step) => StartOf(span) + (int)(step % CountOf(span) * Size);

    public static byte[] Write(WaitMark mark)
    {
        var slot = new byte[Size];
        BinaryPrimitives.WriteUInt32BigEndian(slot, (uint)mark.Step);
        BinaryPrimitives.WriteSingleBigEndian(slot.AsSpan(4), (float)mark.P50.TotalMilliseconds);
        BinaryPrimitives.WriteSingleBigEndian(slot.AsSpan(8), (float)mark.P95.TotalMilliseconds);
        return slot;
    }

    /// <summary>The waits of a span's ring, which may have an end sooner than the ring would.</summary>
    public static IReadOnlyList<WaitMark> Read(ReadOnlySpan<byte> ring)
    {
        var marks = new List<WaitMark>();
        for (; ring.Length >= Size; ring = ring[Size..])
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(ring) is var step and > 0)
                marks.Add(new WaitMark(step, Time(ring[4..]), Time(ring[8..])));
        }

        return marks;
    }

    private static TimeSpan Time(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadSingleBigEndian(bytes) is >= 0 and < 1e12f and var milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : TimeSpan.Zero;

    private static int CountOf(TrendSpan span) => span.Count + 1;
}
