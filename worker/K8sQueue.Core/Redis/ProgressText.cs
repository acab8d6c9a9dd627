using System.Globalization;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Redis;

/// <summary>
/// A job's progress within its record, as progress.lua writes it: <c>&lt;entry&gt;;&lt;share&gt;;&lt;time in ms&gt;;&lt;note&gt;</c>. It is of
/// one attempt, so it counts as long as the record names the same entry.
/// </summary>
internal static class ProgressText
{
    private const int Parts = 4;

    /// <summary>The share as the script takes it.</summary>
    public static string Share(double share) => share.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads it; null where it is of another entry, or not readable.</summary>
    public static JobProgress? Parse(string? entry, string? text)
    {
        if (entry is null || text?.Split(';', Parts) is not [var of, var share, var time, var note] || of != entry)
            return null;
        return double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out var done) && done is >= 0 and <= 1
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new JobProgress(done, note.Length == 0 ? null : note, DateTimeOffset.FromUnixTimeMilliseconds(at))
            : null;
    }
}
