using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Resources.Triggers;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

public sealed class PoolScheduleTests
{
    [Theory]
    [InlineData("Europe/Berlin", "0 8 * * mon-fri", null)]
    [InlineData("UTC", "*/5 0-23/2 1,15-20 jan-DEC 1-5", null)]
    [InlineData("Europe/Berlni", "0 8 * * *", "there is no time zone 'Europe/Berlni'")]
    [InlineData("Europe/Berlin", "0 8 * * 5-1", "start has the range 5-1 as its day of the week")]
    [InlineData("Europe/Berlin", "0 8 * * 1,fri-mon", "start has the range fri-mon as its day of the week")]
    [InlineData("Europe/Berlin", "0 18-6/2 * * *", "start has the range 18-6 as its hour")]
    public void A_schedule_that_KEDA_cannot_follow_is_told(string zone, string start, string? trouble)
    {
        var found = ScheduleChecks.TroubleOf(Schedule(zone, start));

        if (trouble is null)
            found.Should().BeNull();
        else
            found.Should().StartWith(trouble);
    }

    [Fact]
    public async Task A_misspelt_time_zone_stops_no_queue_and_is_named()
    {
        var harness = new PoolHarness();
        harness.Create(Samples.Pool(change: spec =>
            spec.Scaling.Schedules = [Schedule("Europe/Berlni", "0 8 * * *"), Schedule("Europe/Berlin", "0 9 * * *")]));

        await harness.SettleAsync();

        var scaledObject = harness.Cluster.Get<V1Alpha1ScaledObject>("emails", Samples.Namespace)!;
        scaledObject.Spec.Triggers.Where(trigger => trigger.Type == "cron").Select(trigger => trigger.Name).Should().Equal("schedule1");
        scaledObject.Spec.Advanced!.ScalingModifiers!.Formula.Should().Contain("schedule1").And.NotContain("schedule0");
        harness.Condition("ScalingReady").Should().Match<V1Condition>(scaling => scaling.Status == "False" && scaling.Reason == "InvalidSchedule"
            && scaling.Message!.Contains("schedules[0]", StringComparison.Ordinal) && scaling.Message.Contains("Europe/Berlni", StringComparison.Ordinal));

        harness.Edit(spec => spec.Scaling.Schedules!.RemoveAt(0));
        await harness.SettleAsync();
        harness.Condition("ScalingReady").Reason.Should().Be("WaitingForKeda");
    }

    private static ScheduleSpec Schedule(string zone, string start) =>
        new() { Timezone = zone, Start = start, End = "0 18 * * *", Replicas = 2 };
}
