using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Tests.Status;

public sealed class ScalingConditionTests
{
    [Theory]
    [InlineData("Active=False:ScalerNotActive", true)]
    [InlineData("Active=False:ScalerNotActive Ready=True:ok", true)]
    [InlineData("Active=False:ScalerCooldown", false)]
    [InlineData("Active=True:ScalerActive", false)]
    [InlineData("Active=Unknown:x", false)]
    [InlineData("", false)]
    [InlineData("Active=False:ScalerNotActive Ready=False:TriggerError", false)]
    [InlineData("Active=False:ScalerNotActive Fallback=True:x", false)]
    [InlineData("Active=True:ScalerActive Paused=True:ScaledObjectPaused", true)]
    public void Zero_is_meant_only_where_KEDA_says_so(string conditions, bool meant) =>
        ScalingCondition.ZeroIsMeant(ScaledObject(conditions)).Should().Be(meant);

    [Fact]
    public void Zero_is_not_meant_where_there_is_no_ScaledObject() => ScalingCondition.ZeroIsMeant(null).Should().BeFalse();

    [Theory]
    [InlineData("Ready=True:ScaledObjectReady HPAActive=True:ScalingDisabled", "True", "ScaledObjectReady")]
    [InlineData("Ready=True:ScaledObjectReady HPAActive=False:FailedGetExternalMetric", "False", "FailedGetExternalMetric")]
    [InlineData("Ready=Unknown:PartialTriggerError Active=True:ScalerActive", "False", "PartialTriggerError")]
    [InlineData("Ready=False:TriggerError", "False", "TriggerError")]
    [InlineData("Ready=True:ScaledObjectReady Fallback=True:FallbackExists", "False", "FallbackActive")]
    [InlineData("Ready=True:ScaledObjectReady Paused=True:ScaledObjectPaused", "True", "ScaledObjectPaused")]
    [InlineData("Ready=Unknown:x", "Unknown", "WaitingForKeda")]
    public void KEDAs_conditions_become_one(string conditions, string status, string reason)
    {
        var seen = new PoolObservation
        {
            Desired = 0,
            Target = 0,
            EffectiveMax = 1,
            Pods = PodCounts.Of([], "r"),
            Revision = "r",
            ScaledObject = ScaledObject(conditions),
        };

        var said = ScalingCondition.Of(seen);

        (said.Status, said.Reason).Should().Be((status, reason));
    }

    private static V1Alpha1ScaledObject ScaledObject(string conditions) => new()
    {
        Status = new ScaledObjectStatus
        {
            Conditions = [.. conditions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split('=', ':'))
                .Select(parts => new V1Condition { Type = parts[0], Status = parts[1], Reason = parts[2] })],
        },
    };
}
