namespace K8sQueue.Core.Tests.Schedules;

/// <summary>Expressions of all shapes.</summary>
internal static class RandomCron
{
    private static readonly string[] DaysOfMonth = ["*", "L", "15", "31", "LW", "1W", "L-2", "29", "1,15", "*/9"];
    private static readonly string[] DaysOfWeek = ["MON-FRI", "6L", "2#5", "SUN", "1,4"];

    public static string Next(Random random)
    {
        var byWeek = random.Next(3) == 0;
        return string.Join(
            ' ',
            random.Next(3) == 0 ? Field(random, 0, 59) : "0",
            Field(random, 0, 59),
            Field(random, 0, 23),
            byWeek ? "?" : DaysOfMonth[random.Next(DaysOfMonth.Length)],
            random.Next(4) == 0 ? Field(random, 1, 12) : "*",
            byWeek ? DaysOfWeek[random.Next(DaysOfWeek.Length)] : "?");
    }

    private static string Field(Random random, int min, int max)
    {
        var (low, high) = (random.Next(min, max), 0);
        high = random.Next(low + 1, max + 1);
        return random.Next(5) switch
        {
            0 => "*",
            1 => $"*/{random.Next(1, max)}",
            2 => $"{low}-{high}",
            3 => $"{low},{high}",
            _ => $"{low}",
        };
    }
}
