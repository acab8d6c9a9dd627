using K8sQueue.Core.Capacity;
using K8sQueue.Core.Trends;

namespace K8sQueue.Core.Tests.Trends;

public sealed class WaitStepsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_last_whole_step_of_each_span_is_told_and_not_the_one_that_has_begun()
    {
        var steps = WaitSteps.Of(History(
            Noon.AddSeconds(20), Minute(0, 9000), Minute(-1, 100), Minute(-2, 200), Minute(-10, 200), Minute(-11, 400), Minute(-60, 400), Minute(-61, 9000)));
        ShouldBe(steps.MarkOf(TrendSpan.Hour), TrendSpan.Hour.StepOf(Noon) - 1, 100);
        ShouldBe(steps.MarkOf(TrendSpan.Day), TrendSpan.Day.StepOf(Noon) - 1, 200);
        steps.MarkOf(TrendSpan.Week)!.Value.Should().BeEquivalentTo(new { Step = TrendSpan.Week.StepOf(Noon) - 1 });
        steps.MarkOf(TrendSpan.Week)!.Value.P95.TotalMilliseconds.Should().BeInRange(300, 500);
    }

    [Fact]
    public void What_is_not_known_whole_any_more_is_not_told()
    {
        var steps = WaitSteps.Of(History(Noon.AddMinutes(12), Minute(-1, 100), Minute(3, 100)));
        steps.MarkOf(TrendSpan.Week).Should().BeNull("minutes of that hour are gone");
        steps.MarkOf(TrendSpan.Day).Should().NotBeNull();
        steps.MarkOf(TrendSpan.Hour).Should().BeNull("nothing waited in that minute");
    }

    [Fact]
    public void Queues_together_are_told_once_all_were_read_after_the_step()
    {
        var (one, other) = (WaitSteps.Of(History(Noon.AddSeconds(1), Minute(-1, 100))), WaitSteps.Of(History(Noon.AddSeconds(2), Minute(-1, 400))));
        WaitSteps.Together([one, other], TrendSpan.Hour)!.Value.P95.TotalMilliseconds.Should().BeInRange(300, 500);
        WaitSteps.Together([one, WaitSteps.Of(History(Noon.AddSeconds(-1)))], TrendSpan.Hour).Should().BeNull();
        WaitSteps.Together([], TrendSpan.Hour).Should().BeNull();
    }

    private static void ShouldBe(WaitMark? mark, long step, double milliseconds)
    {
        mark!.Value.Step.Should().Be(step);
        mark.Value.P50.TotalMilliseconds.Should().BeInRange(milliseconds * 0.75, milliseconds * 1.25);
    }

    private static LoadHistory History(DateTimeOffset now, params LoadMinute[] minutes) => new() { Now = now, Entries = [.. minutes.OrderBy(minute => minute.Start)] };

    private static LoadMinute Minute(int minutesFromNoon, double milliseconds)
    {
        var waits = new LoadHistogram();
        waits.Add(TimeSpan.FromMilliseconds(milliseconds));
        return new LoadMinute { Start = Noon.AddMinutes(minutesFromNoon), Load = new LoadSample { Waits = waits } };
    }
}
