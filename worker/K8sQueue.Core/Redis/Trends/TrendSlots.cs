using System.Buffers.Binary;
using K8sQueue.Core.Trends;

namespace K8sQueue.Core.Redis.Trends;

/// <summary>
/// Marks as bytes of one string: a ring of slots for each span, one after the other, a slot more than the span has steps. A slot has the step and the backlog in 4 bytes each,
/// and three totals in 8, the most significant byte first. A slot of zeroes is empty.
/// </summary>
internal static class TrendSlots
{
    /// <summary>Bytes of a slot.</summary>
    public const int Size = 32;

    /// <summary>Where a span's ring begins.</summary>
    public static int StartOf(TrendSpan span) => Size * TrendSpan.All.TakeWhile(other => other != span).Sum(CountOf);

    /// <summary>How many bytes a span's ring has.</summary>
    public static int LengthOf(TrendSpan span) => Size * CountOf(span);

    /// <summary>Where the slot of a step is.</summary>
    public static int PlaceOf(TrendSpan span, long step) => StartOf(span) + (int)(step % CountOf(span) * Size);

    public static byte[] Write(TrendMark mark)
    {
        var slot = new byte[Size];
        BinaryPrimitives.WriteUInt32BigEndian(slot, (uint)mark.Step);
        BinaryPrimitives.WriteUInt32BigEndian(slot.AsSpan(4), (uint)Math.Clamp(mark.Totals.Backlog, 0, uint.MaxValue));
        BinaryPrimitives.WriteInt64BigEndian(slot.AsSpan(8), mark.Totals.Enqueued);
        BinaryPrimitives.WriteInt64BigEndian(slot.AsSpan(16), mark.Totals.Completed);
        BinaryPrimitives.WriteInt64BigEndian(slot.AsSpan(24), mark.Totals.Failed);
        return slot;
    }

    /// <summary>The marks of a span's ring, which may have an end sooner than the ring would.</summary>
    public static IReadOnlyList<TrendMark> Read(ReadOnlySpan<byte> ring)
    {
        var marks = new List<TrendMark>();
        for (; ring.Length >= Size; ring = ring[Size..])
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(ring) is var step and > 0)
            {
                marks.Add(new TrendMark(step, new TrendTotals(
                    BinaryPrimitives.ReadInt64BigEndian(ring[8..]),
                    BinaryPrimitives.ReadInt64BigEndian(ring[16..]),
                    BinaryPrimitives.ReadInt64BigEndian(ring[24..]),
                    BinaryPrimitives.ReadUInt32BigEndian(ring[4..]))));
            }
        }

        return marks;
    }

    private static int CountOf(TrendSpan span) => span.Count + 1;
}
