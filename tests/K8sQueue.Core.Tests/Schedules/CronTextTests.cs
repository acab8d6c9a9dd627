using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.Tests.Schedules;

public sealed class CronTextTests
{
    [Theory]
    [InlineData("0 30 4 ? * MON-FRI", "0 30 4 ? * MON-FRI")]
    [InlineData("0 0 12 L * ? 2030", "0 0 12 L * ? 2030")]
    [InlineData("30 4 * * 1-5", "0 30 4 ? * MON-FRI")]
    [InlineData(" 30\t4  1,15 * 7 ", "0 30 4 1,15 * SUN")]
    [InlineData("*/5 * * * *", "0 */5 * * * ?")]
    [InlineData("@daily", "0 0 0 * * ?")]
    public void Quartz_crontab_and_macros_are_read(string text, string quartz)
    {
        CronText.TryParse(text, out var expression, out var trouble).Should().BeTrue(trouble);
        expression!.CronExpressionString.Should().Be(quartz);
    }

    [Theory]
    [InlineData(null, "1 to 256 characters")]
    [InlineData("  ", "1 to 256 characters")]
    [InlineData("x", "1 fields")]
    [InlineData("* * * *", "4 fields")]
    [InlineData("* * * * * * * *", "8 fields")]
    [InlineData("@every 5m", "2 fields")]
    [InlineData("@fortnightly", "@yearly")]
    [InlineData("60 * * * *", "between 0 and 59")]
    [InlineData("0 0 25 * * ?", "between 0 and 23")]
    [InlineData("0 0 12 32 * ?", "between 1 and 31")]
    [InlineData("0 0 * * 8", "'0 0 * * 8' is not a cron expression")]
    [InlineData("0 0 12 ? * 0", "'0 0 12 ? * 0' is not a cron expression")]
    [InlineData("0 0 12 * * ? 1969", "1970")]
    [InlineData("*/0 * * * *", "step of 0")]
    [InlineData("٣ * * * *", "is not a cron expression")]
    public void What_is_no_expression_is_told_with_what_is_wrong(string? text, string message)
    {
        CronText.TryParse(text, out _, out var trouble).Should().BeFalse();
        trouble.Should().Contain(message);
    }

    [Fact]
    public void Whatever_is_sent_is_read_or_refused()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        const string Letters = "0123456789*/,-?LW#HMONFRIJAN@()٣é;\u0000";
        for (var i = 0; i < 20_000; i++)
        {
            var fields = Enumerable.Range(0, random.Next(4, 9))
                .Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Letters[random.Next(Letters.Length)])]));
            var text = string.Join(' ', fields);
            if (!CronText.TryParse(text, out _, out var trouble))
                trouble.Should().NotBeNullOrEmpty($"of '{text}', seed {seed}");
        }

        CronText.TryParse(new string('0', 257), out _, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("UTC", true)]
    [InlineData("Europe/Berlin", true)]
    [InlineData("America/Argentina/Buenos_Aires", true)]
    [InlineData("europe/berlin", false)]
    [InlineData("W. Europe Standard Time", false)]
    [InlineData("Mars/Olympus", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Time_zones_are_those_of_the_IANA(string? name, bool known)
    {
        ScheduleZone.TryFind("Europe/Berlin", out _).Should().BeTrue();
        ScheduleZone.TryFind(name, out _).Should().Be(known);
        ScheduleZone.Unknown(name).Should().Contain("Europe/Berlin");
    }
}
