using System.Globalization;

namespace K8sQueue.Api.Dashboard.Components;

/// <summary>Figures as people read them.</summary>
internal static class Show
{
    private const string Unknown = "–";

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Rate(double? value) => value is { } rate
        ? rate.ToString(rate >= 100 ? "N0" : rate >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture) + "/s"
        : Unknown;

    public static string Share(double? value) => value is { } share ? share.ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal) : Unknown;

    public static string Bytes(long value) => value < 1024 ? $"{value} bytes" : string.Create(CultureInfo.InvariantCulture, $"{value / 1024.0:0.#} KiB");

    public static string Duration(TimeSpan? value) => value is not { } time ? Unknown : time switch
    {
        _ when time < TimeSpan.FromMilliseconds(1) => Text(time.TotalMilliseconds, "0.##", "ms"),
        _ when time < TimeSpan.FromSeconds(1) => Text(time.TotalMilliseconds, "0", "ms"),
        _ when time < TimeSpan.FromMinutes(1) => Text(time.TotalSeconds, "0.#", "s"),
        _ when time < TimeSpan.FromHours(1) => Text(time.TotalMinutes, "0.#", "min"),
        _ when time < TimeSpan.FromDays(1) => Text(time.TotalHours, "0.#", "h"),
        _ => Text(time.TotalDays, "0.#", "days"),
    };

    /// <summary>How long ago, or in how long where it is still to come.</summary>
    public static string Ago(TimeSpan age) => age < TimeSpan.Zero
        ? $"in {Duration(-age)}"
        : age < TimeSpan.FromSeconds(1) ? "now" : $"{Duration(TimeSpan.FromSeconds(Math.Floor(age.TotalSeconds)))} ago";

    /// <summary>How long something has lasted, in whole seconds.</summary>
    public static string Lasting(TimeSpan time) => time < TimeSpan.FromSeconds(1) ? "0 s" : Duration(TimeSpan.FromSeconds(Math.Floor(time.TotalSeconds)));

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A time where a clock is put like that, with the day of the week.</summary>
    public static string LocalTime(DateTimeOffset at) => at.ToString("ddd yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    public static string Iso(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Text(double value, string format, string unit) => $"{value.ToString(format, CultureInfo.InvariantCulture)} {unit}";
}
