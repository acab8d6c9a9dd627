using System.Diagnostics.CodeAnalysis;

namespace K8sQueue.Core.Schedules;

/// <summary>Time zones of the IANA.</summary>
public static class ScheduleZone
{
    private const string AnyZone = "Europe/Berlin";

    /// <summary>The zone of a name; false where this system has none. Names of Windows are refused: only some systems know them.</summary>
    public static bool TryFind(string? name, [NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        zone = null;
        return name is { Length: > 0 and <= 64 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+')
            && TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone)

            // Whatever its case it is found once it was looked up before.
            && zone.Id == name;
    }

    /// <summary>What to tell of one that was not found.</summary>
    public static string Unknown(string? name) => TryFind(AnyZone, out _)
        ? $"There is no time zone '{name}': use a name of the IANA such as {AnyZone}."
        : $"There is no time zone '{name}': this system has no time zone data (the package tzdata), so only UTC is known.";
}
