using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Resources;

public sealed class PodTemplateBuilderTests
{
    [Fact]
    public void A_longer_grace_period_of_the_template_stays()
    {
        var pool = Samples.Pool(change: spec => spec.Template.Spec.TerminationGracePeriodSeconds = 600);

        var built = DeploymentBuilder.Build(pool, "r").Spec.Template!;

        built["spec"]!["terminationGracePeriodSeconds"]!.ToJsonString().Should().Be("600");
    }

    [Fact]
    public void Images_of_others_get_no_probes()
    {
        var pool = Samples.Pool(change: spec => spec.Queues = [Samples.RawQueue("mail")]);

        var container = DeploymentBuilder.Build(pool, "r").Spec.Template!["spec"]!["containers"]![0]!.AsObject();

        container.Should().NotContainKey("livenessProbe").And.NotContainKey("ports");
    }

    [Fact]
    public void A_template_that_is_not_what_it_should_be_is_refused_with_the_field()
    {
        var pool = Samples.Pool(change: spec => spec.Template = BuilderGoldenTests.Template("""{"spec":{"containers":[{"name":"worker","env":"oops"}]}}"""));

        var build = () => DeploymentBuilder.Build(pool, "r");

        build.Should().Throw<InvalidOperationException>().WithMessage("*'env'*");
    }

    [Fact]
    public void The_spec_itself_is_left_as_it_is()
    {
        var pool = Samples.Pool(change: spec => spec.Connections = [Samples.Connection("db", 3)]);
        var before = OperatorJson.ToObject(pool).ToJsonString();

        DeploymentBuilder.Build(pool, "r");

        OperatorJson.ToObject(pool).ToJsonString().Should().Be(before);
    }

    [Theory]
    [InlineData(20, 20, "(q0_paused > 0 ? 0 : q0_returned + q0_high + q0_normal + q0_low) + (q1)", "20")]
    [InlineData(20, 5, "(q0_paused > 0 ? 0 : q0_returned + q0_high + q0_normal + q0_low) / 20 + (q1) / 5", "1")]
    public void Several_queues_add_up(int first, int second, string formula, string target)
    {
        var pool = Samples.Pool(change: spec => spec.Queues = [Samples.Queue("a", first), Samples.RawQueue("b", second)]);

        var modifiers = ScaledObjectBuilder.Build(pool).Spec.Advanced!.ScalingModifiers!;

        modifiers.Formula.Should().Be(formula);
        modifiers.Target.Should().Be(target);
    }
}
