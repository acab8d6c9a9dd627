namespace K8sQueue.Core.Schedules;

/// <summary>Limits of schedules.</summary>
public static class ScheduleLimits
{
    /// <summary>The rule for a schedule's name, in words.</summary>
    public const string NameRule = "1 to 100 letters, digits, '-', '_' or '.' of ASCII";

    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>The longest expression, in characters.</summary>
    public const int MaxCronLength = 256;

    /// <summary>The largest payload of a schedule's job in bytes: 64 KiB, since every start has it and lists show it.</summary>
    public const int MaxPayloadBytes = 64 * 1024;

    /// <summary>The most schedules of a queue.</summary>
    public const int MaxSchedules = 1000;

    /// <summary>The most starts that one look at a schedule makes.</summary>
    public const int MaxStarts = 100;

    /// <summary>A time is never missed that passed within so many looks of housekeeping, however small the grace is: none comes at the very time.</summary>
    public const int LeastGraceLooks = 3;

    /// <summary>How late a start may be under <see cref="MisfirePolicy.Skip"/> where nothing is said.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(60);

    /// <summary>Whether <paramref name="name"/> follows <see cref="NameRule"/>.</summary>
    public static bool IsName(string? name) => name is { Length: > 0 and <= MaxNameLength }
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    internal static void ThrowIfNoName(string? name)
    {
        if (!IsName(name))
            throw new ArgumentException($"'{name}' is not a schedule's name: {NameRule}.", nameof(name));
    }
}
