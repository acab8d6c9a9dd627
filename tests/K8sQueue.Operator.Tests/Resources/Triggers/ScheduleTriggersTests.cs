using System.Text.RegularExpressions;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Resources.Triggers;

public sealed class ScheduleTriggersTests
{
    [Fact]
    public void Schedules_are_in_the_formula_in_what_the_target_counts_and_the_largest_demand_wins()
    {
        var spec = ScaledObjectBuilder.Build(Pool(Samples.RawQueue("a", 20))).Spec;

        spec.Advanced!.ScalingModifiers!.Formula.Should().Be("max(q0, (schedule0 - 1) * 20, (schedule1 - 1) * 20)");
        spec.Triggers.Select(trigger => trigger.Name).Should().Equal("q0", "schedule0", "schedule1");
        // One more than asked for, which the formula takes off: outside of its time KEDA 2.17's scaler answers 1, 2.20's 0.
        spec.Triggers[1].Metadata.Should().Equal(new Dictionary<string, string>
        {
            ["timezone"] = "Europe/Berlin",
            ["start"] = "0 8 * * 1-5",
            ["end"] = "0 18 * * 1-5",
            ["desiredReplicas"] = "6",
        });
    }

    [Fact]
    public void Where_the_formula_counts_replicas_so_do_the_schedules() =>
        ScaledObjectBuilder.Build(Pool(Samples.RawQueue("a", 20), Samples.RawQueue("b", 5))).Spec.Advanced!.ScalingModifiers!.Formula
            .Should().Be("max((q0) / 20 + (q1) / 5, (schedule0 - 1) * 1, (schedule1 - 1) * 1)");

    [Fact]
    public void Without_jobsPerReplica_the_autoscaler_takes_the_largest_itself()
    {
        var spec = ScaledObjectBuilder.Build(Pool(Samples.RawQueue("a"))).Spec;

        spec.Advanced!.ScalingModifiers.Should().BeNull();
        spec.Triggers.Select(trigger => trigger.Type).Should().Equal("rabbitmq", "cron", "cron");
        spec.Triggers[1].Metadata["desiredReplicas"].Should().Be("5");
    }

    [Theory]
    [InlineData("0 8 * * 1-5", true)]
    [InlineData("*/15 0-6,22-23 1,15 * MON-FRI", true)]
    [InlineData("59 23 31 12 0", true)]
    [InlineData("0 8 ? * sun", true)]
    [InlineData("60 8 * * *", false)]
    [InlineData("0 24 * * *", false)]
    [InlineData("0 8 0 * *", false)]
    [InlineData("0 8 * 13 *", false)]
    [InlineData("0 8 * * 7", false)]
    [InlineData("0 8 * *", false)]
    [InlineData("0 0 8 * * *", false)]
    [InlineData("@daily", false)]
    [InlineData("TZ=UTC 0 8 * * *", false)]
    public void A_time_is_a_cron_expression_of_five_fields(string text, bool valid)
    {
        foreach (var field in (string[])["start", "end"])
            Regex.IsMatch(text, Pattern(field)).Should().Be(valid);
    }

    [Theory]
    [InlineData("Europe/Berlin", true)]
    [InlineData("America/Argentina/Buenos_Aires", true)]
    [InlineData("Etc/GMT+8", true)]
    [InlineData("UTC", true)]
    [InlineData("Europe/", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData("+02:00", false)]
    public void A_time_zone_is_a_name_of_the_IANA(string text, bool valid) => Regex.IsMatch(text, Pattern("timezone")).Should().Be(valid);

    private static string Pattern(string field) =>
        (string)Operator.Entities.Schema.SchemaBuilder.Build(typeof(ScheduleSpec))["properties"]![field]!["pattern"]!;

    private static V1Alpha1WorkerPool Pool(params QueueSpec[] queues) => Samples.Pool(change: spec =>
    {
        spec.Queues = [.. queues];
        spec.Scaling.Schedules =
        [
            new ScheduleSpec { Timezone = "Europe/Berlin", Start = "0 8 * * 1-5", End = "0 18 * * 1-5", Replicas = 5 },
            new ScheduleSpec { Timezone = "UTC", Start = "0 0 1 * *", End = "0 6 1 * *", Replicas = 8 },
        ];
    });
}
