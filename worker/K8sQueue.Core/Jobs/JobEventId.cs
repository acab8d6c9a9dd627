using System.Globalization;

namespace K8sQueue.Core.Jobs;

/// <summary>Where an event stands among those of its queue: <c>&lt;ms&gt;-&lt;number&gt;</c>. Later events have higher ids.</summary>
/// <param name="Time">Milliseconds since 1970, by the broker's clock.</param>
/// <param name="Number">Tells events of the same time apart.</param>
public readonly record struct JobEventId(long Time, long Number) : IComparable<JobEventId>
{
    /// <summary>What is before all events.</summary>
    public static readonly JobEventId Start;

    public static bool operator <(JobEventId left, JobEventId right) => left.CompareTo(right) < 0;

    public static bool operator >(JobEventId left, JobEventId right) => left.CompareTo(right) > 0;

    public static bool operator <=(JobEventId left, JobEventId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(JobEventId left, JobEventId right) => left.CompareTo(right) >= 0;

    /// <summary>The id of what comes behind another one, at a time; its clock may have gone back.</summary>
    internal static JobEventId Next(JobEventId last, DateTimeOffset now) => now.ToUnixTimeMilliseconds() is var time && time > last.Time
        ? new JobEventId(time, 0)
        : last with { Number = last.Number + 1 };

    /// <summary>Reads an id; false where the text is not one.</summary>
    public static bool TryParse(string? text, out JobEventId id)
    {
        id = default;
        var parts = text?.Split('-') ?? [];
        if (parts.Length != 2 || !TryNumber(parts[0], out var time) || !TryNumber(parts[1], out var number))
            return false;
        id = new JobEventId(time, number);
        return true;
    }

    public int CompareTo(JobEventId other) => Time != other.Time ? Time.CompareTo(other.Time) : Number.CompareTo(other.Number);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Time}-{Number}");

    private static bool TryNumber(string text, out long value) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
