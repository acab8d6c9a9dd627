namespace K8sQueue.Core.Trends;

/// <summary>How far back trends go, and in what steps. Steps are counted since 1970.</summary>
/// <param name="Name">What it is called in an address.</param>
/// <param name="Step">One step.</param>
/// <param name="Count">How many steps.</param>
public sealed record TrendSpan(string Name, TimeSpan Step, int Count)
{
    /// <summary>An hour by the minute.</summary>
    public static readonly TrendSpan Hour = new("hour", TimeSpan.FromMinutes(1), 60);

    /// <summary>A day by ten minutes.</summary>
    public static readonly TrendSpan Day = new("day", TimeSpan.FromMinutes(10), 144);

    /// <summary>A week by the hour.</summary>
    public static readonly TrendSpan Week = new("week", TimeSpan.FromHours(1), 168);

    /// <summary>All of them, the shortest first.</summary>
    public static readonly IReadOnlyList<TrendSpan> All = [Hour, Day, Week];

    /// <summary>The span of this name; the hour where there is none.</summary>
    public static TrendSpan Of(string? name) => All.FirstOrDefault(span => span.Name == name) ?? Hour;

    /// <summary>The number of the step in which a time is.</summary>
    public long StepOf(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / Step.Ticks;

    /// <summary>When a step began.</summary>
    public DateTimeOffset StartOf(long step) => DateTimeOffset.UnixEpoch + (step * Step);
}
