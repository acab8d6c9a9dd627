using System.Globalization;
using K8sQueue.Core.Capacity;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>The fields of a minute's hash. Sums of time are in microseconds, points in time in milliseconds.</summary>
internal static class LoadFields
{
    private const string Arrivals = "a";
    private const string From = "f";
    private const string Until = "u";
    private const string Busy = "b";
    private const string Occupied = "o";
    private const string Slots = "s";
    private const string Elapsed = "t";
    private const string DurationSum = "ds";
    private const string WaitSum = "ws";
    private const char DurationBucket = 'd';
    private const char WaitBucket = 'w';

    /// <summary>Fields and what a sample adds to them, in turn. What would add nothing is left out.</summary>
    public static IEnumerable<RedisValue> Write(LoadSample sample) =>
        Times(sample).Concat(Buckets(DurationBucket, sample.Durations)).Concat(Buckets(WaitBucket, sample.Waits))
            .Where(field => field.Added > 0)
            .SelectMany(field => new RedisValue[] { field.Name, field.Added });

    /// <summary>A minute of its fields and values. Fields that a newer release added are passed over.</summary>
    public static LoadMinute Read(DateTimeOffset start, RedisValue[] pairs)
    {
        var fields = new Dictionary<string, long>(StringComparer.Ordinal);
        var (durations, waits) = (new LoadHistogram(), new LoadHistogram());
        for (var i = 0; i < pairs.Length; i += 2)
        {
            var (name, value) = ((string)pairs[i]!, (long)pairs[i + 1]);
            if (!TryCount(name, DurationBucket, durations, value) && !TryCount(name, WaitBucket, waits, value))
                fields[name] = value;
        }

        durations.AddToSum(Time(DurationSum));
        waits.AddToSum(Time(WaitSum));
        return new LoadMinute
        {
            Start = start,
            Arrivals = fields.GetValueOrDefault(Arrivals),
            From = Point(From),
            Until = Point(Until),
            Load = new LoadSample
            {
                Durations = durations,
                Waits = waits,
                Busy = Time(Busy),
                Occupied = Time(Occupied),
                Slots = Time(Slots),
                Elapsed = Time(Elapsed),
            },
        };

        TimeSpan Time(string name) => TimeSpan.FromTicks(fields.GetValueOrDefault(name) * TimeSpan.TicksPerMicrosecond);

        DateTimeOffset? Point(string name) =>
            fields.TryGetValue(name, out var at) ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
    }

    private static IEnumerable<(string Name, long Added)> Times(LoadSample sample) =>
    [
        (Busy, Microseconds(sample.Busy)), (Occupied, Microseconds(sample.Occupied)), (Slots, Microseconds(sample.Slots)),
        (Elapsed, Microseconds(sample.Elapsed)), (DurationSum, Microseconds(sample.Durations.Sum)), (WaitSum, Microseconds(sample.Waits.Sum)),
    ];

    private static IEnumerable<(string Name, long Added)> Buckets(char prefix, LoadHistogram histogram) =>
        histogram.Buckets.Select(bucket => (string.Create(CultureInfo.InvariantCulture, $"{prefix}{bucket.Index}"), bucket.Count));

    private static bool TryCount(string name, char prefix, LoadHistogram histogram, long count)
    {
        if (name[0] != prefix || !int.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            || index >= LoadBuckets.Count)
        {
            return false;
        }

        histogram.Add(index, count);
        return true;
    }

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
