using System.Net;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Operator.Tests.Resources;

namespace K8sQueue.Operator.Tests.Controllers;

/// <summary>What no schema holds may be any JSON: it is refused with a word, and stops nothing.</summary>
public sealed class OddTemplateTests
{
    public static TheoryData<string, bool> Cases()
    {
        var cases = new TheoryData<string, bool>();
        foreach (var place in OddTemplates.Places)
        {
            cases.Add(place, true);
            cases.Add(place, false);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Whatever_stands_there_the_pool_says_that_its_template_was_refused(string place, bool isNative)
    {
        foreach (var value in OddTemplates.Values)
        {
            var harness = new PoolHarness();
            RefuseDeployments(harness);
            harness.Create(Pool(OddTemplates.Fill(place, value), isNative));

            await harness.ReconcileAsync();

            harness.Condition("Ready").Reason.Should().Be("TemplateInvalid", "that is the word on {0}", value);
            harness.Events.Should().Contain("Warning TemplateInvalid");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_management_port_is_looked_for_in_anything(string place, bool isNative)
    {
        foreach (var value in OddTemplates.Values)
        {
            var spec = Pool(OddTemplates.Fill(place, value), isNative).Spec;
            var look = () => ManagementPort.Of((JsonObject)JsonNode.Parse(OddTemplates.Fill(place, value))!);

            look.Should().NotThrow("of {0}", value);
            var isServed = () => ManagementPort.IsServedBy(spec);
            isServed.Should().NotThrow("of {0}", value);
        }
    }

    [Theory]
    [InlineData("""[{"name": 8080, "containerPort": 8080}]""", true)]
    [InlineData("""[{"name": 8080, "containerPort": 8080}]""", false)]
    [InlineData("[null]", true)]
    [InlineData("[null]", false)]
    public async Task The_revision_before_goes_on_and_scales(string ports, bool isNative)
    {
        var harness = new PoolHarness();
        harness.Create(Pool("""{"spec": {"containers": [{"name": "worker", "image": "worker"}]}}""", isNative));
        await harness.SettleAsync();
        harness.Ask(2);
        await harness.SettleAsync();
        var before = harness.Deployments.Single().Metadata.Name;

        RefuseDeployments(harness);
        harness.Edit(spec => spec.Template = BuilderGoldenTests.Template(
            """{"spec": {"containers": [{"name": "worker", "image": "worker", "ports": PORTS}]}}""".Replace("PORTS", ports, StringComparison.Ordinal)));
        harness.Ask(5);
        await harness.SettleAsync();

        harness.Deployments.Should().ContainSingle().Which.Metadata.Name.Should().Be(before);
        harness.Pool().Status!.ReadyReplicas.Should().Be(5);
        harness.Condition("Ready").Reason.Should().Be("TemplateInvalid");
    }

    private static V1Alpha1WorkerPool Pool(string template, bool isNative) => Samples.Pool(change: spec =>
    {
        spec.Template = BuilderGoldenTests.Template(template);
        if (!isNative)
            spec.Queues = [Samples.RawQueue("mail")];
        else
            spec.Queues[0].K8squeue!.Redis = new RedisConnectionSpec { Address = "redis:6380", Tls = true, CaSecretRef = new() { Name = "redis", Key = "ca.crt" } };
    });

    private static void RefuseDeployments(PoolHarness harness) => harness.Client.Before = call => call == "create deployments"
        ? throw new KubernetesApiException(HttpStatusCode.BadRequest, "BadRequest", "said by the server")
        : Task.CompletedTask;
}
