using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;
using K8sQueue.Kubernetes.Tests.Fakes;

namespace K8sQueue.Kubernetes.Tests.Models;

public class SerializationTests
{
    private static readonly DateTimeOffset Time = new DateTimeOffset(2026, 3, 4, 7, 6, 7, TimeSpan.FromHours(2)).AddTicks(1234567);

    [Fact]
    public void Times_are_written_in_utc_with_whole_seconds_and_micro_times_with_six_digits()
    {
        var lease = new V1Lease
        {
            Metadata = new V1ObjectMeta { Name = "l", CreationTimestamp = Time },
            Spec = new V1LeaseSpec { RenewTime = Time, AcquireTime = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) },
        };

        Write(lease).Should().Be(
            """{"metadata":{"name":"l","creationTimestamp":"2026-03-04T05:06:07Z"},"spec":{"acquireTime":"2026-01-01T00:00:00.000000Z","renewTime":"2026-03-04T05:06:07.123456Z"}}""");
    }

    [Fact]
    public void A_callers_types_follow_the_same_rules()
    {
        var options = KubernetesJson.CreateOptions(TestJsonContext.Default);
        var widget = new V1Widget
        {
            Metadata = new V1ObjectMeta { Name = "w" },
            Status = new WidgetStatus { Conditions = [new V1Condition { Type = "Ready", Status = "True", LastTransitionTime = Time }] },
        };

        JsonSerializer.Serialize(widget, options.TypeInfo<V1Widget>()).Should().Be(
            """{"metadata":{"name":"w"},"spec":{},"status":{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-03-04T05:06:07Z"}]}}""");
    }

    [Fact]
    public void A_pod_template_passes_through_whatever_is_in_it()
    {
        const string template = """{"metadata":{"annotations":{"x":"<é>"}},"spec":{"containers":[{"name":"w","resources":{"limits":{"cpu":"500m"}},"unknownField":[1,2.50,null]}]}}""";
        var deployment = Read<V1Deployment>($$"""{"metadata":{"name":"d"},"spec":{"template":{{template}} } }""");

        deployment.Spec.Template!.ToJsonString(KubernetesJson.Default).Should().Be(template);
    }

    [Fact]
    public void A_pod_as_a_server_sends_it_is_read()
    {
        var pod = Read<V1Pod>("""
            {"metadata":{"name":"p","creationTimestamp":"2026-03-04T05:06:07Z","managedFields":[{"manager":"x"}]},
             "spec":{"nodeName":"n","schedulingGates":[{"name":"g"}],"volumes":[{"name":"v"}],"containers":[{"name":"c","env":[]}]},
             "status":{"phase":"Running","podIP":"10.0.0.1","conditions":[{"type":"Ready","status":"True","lastProbeTime":null}],
               "containerStatuses":[{"name":"c","ready":true,"restartCount":2,"state":{"running":{"startedAt":"2026-03-04T05:06:07Z"}},
                 "lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","finishedAt":"2026-03-04T05:06:00Z"}}}]}}
            """);

        pod.Spec.SchedulingGates!.Single().Name.Should().Be("g");
        pod.Status!.PodIP.Should().Be("10.0.0.1");
        pod.Status.Conditions.IsTrue("Ready").Should().BeTrue();
        pod.Status.ContainerStatuses!.Single().LastState!.Terminated!.Reason.Should().Be("OOMKilled");
    }

    [Fact]
    public void Secrets_carry_bytes()
    {
        var secret = new V1Secret { Data = new() { ["key"] = [1, 2, 255] } };

        Write(secret).Should().Contain("\"AQL/\"");
        Read<V1Secret>(Write(secret)).Data!["key"].Should().Equal(1, 2, 255);
    }

    [Theory]
    [InlineData("3", 10, true, 3)]
    [InlineData("\"25%\"", 10, true, 3)]
    [InlineData("\"25%\"", 10, false, 2)]
    [InlineData("\"100%\"", 7, false, 7)]
    [InlineData("\"0%\"", 7, true, 0)]
    public void A_number_or_percentage_keeps_its_form_and_scales(string json, int total, bool up, int expected)
    {
        var budget = Read<V1PodDisruptionBudget>($$"""{"metadata":{},"spec":{"maxUnavailable":{{json}} } }""");

        budget.Spec.MaxUnavailable!.Value.Scale(total, up).Should().Be(expected);
        ((string?)JsonNode.Parse(Write(budget))!["spec"]!["maxUnavailable"]!.ToJsonString()).Should().Be(json);
    }

    [Fact]
    public void Text_that_is_no_percentage_does_not_scale()
    {
        var scale = () => new IntOrString("lots").Scale(10, true);

        scale.Should().Throw<FormatException>().WithMessage("*lots*");
    }

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, KubernetesJson.Default.TypeInfo<T>());

    private static T Read<T>(string json) => JsonSerializer.Deserialize(json, KubernetesJson.Default.TypeInfo<T>())!;
}
