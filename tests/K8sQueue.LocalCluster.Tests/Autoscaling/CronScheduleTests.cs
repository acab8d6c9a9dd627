using System.Globalization;
using K8sQueue.LocalCluster.Autoscaling.Scalers;
using K8sQueue.Testing;

namespace K8sQueue.LocalCluster.Tests.Autoscaling;

public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("0 8 * * 1-5", "2026-01-02T08:00:00Z", "2026-01-05T08:00:00Z")]
    [InlineData("*/15 * * * *", "2026-01-02T08:01:00Z", "2026-01-02T08:15:00Z")]
    [InlineData("30 6 1 jan,jul *", "2026-01-02T00:00:00Z", "2026-07-01T06:30:00Z")]
    [InlineData("0 0 29 2 *", "2026-01-02T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("0 0 13 * 5", "2026-01-03T00:00:00Z", "2026-01-09T00:00:00Z")]
    public void The_next_time_is_the_first_that_matches(string expression, string after, string expected) =>
        CronSchedule.Parse(expression).Next(Time(after), TimeZoneInfo.Utc).Should().Be(Time(expected));

    [Theory]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("a * * * *")]
    public void What_is_no_expression_is_refused(string expression) =>
        FluentActions.Invoking(() => CronSchedule.Parse(expression)).Should().Throw<FormatException>();

    [Theory]
    [InlineData("2026-01-05T06:59:00Z", 0)]
    [InlineData("2026-01-05T07:01:00Z", 5)]
    [InlineData("2026-01-05T16:59:00Z", 5)]
    [InlineData("2026-01-05T17:01:00Z", 0)]
    [InlineData("2026-01-04T12:00:00Z", 0)]
    public async Task A_cron_trigger_holds_its_replicas_between_start_and_end_in_its_time_zone(string now, double expected)
    {
        var settings = new TriggerSettings(0, "cron", new Dictionary<string, string>
        {
            ["timezone"] = "Europe/Berlin",
            ["start"] = "0 8 * * 1-5",
            ["end"] = "0 18 * * 1-5",
            ["desiredReplicas"] = "5",
        }, new Dictionary<string, string>());
        using var scaler = new CronScaler(settings, new ManualTimeProvider(Time(now)));

        (await scaler.ReadAsync(CancellationToken.None)).Should().Be(expected);
        scaler.MetricName.Should().Be("s0-cron-Europe-Berlin-08xx1-5-018xx1-5");
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
