using K8sQueue.Operator.Caching;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Caching;

public sealed class CacheTransformsTests
{
    private readonly CacheTransforms _keep = new();

    [Fact]
    public void A_cached_Deployment_keeps_what_is_read_of_its_template_and_no_more()
    {
        var pool = Samples.Pool(change: spec => spec.Connections = [Samples.Connection("db", 5)]);
        pool.Spec.Template.Spec.Other = new() { ["nodeSelector"] = System.Text.Json.JsonSerializer.SerializeToElement("x") };
        var whole = DeploymentBuilder.Build(pool, RevisionHash.Of(pool.Spec));
        var annotations = whole.Spec.Template!["metadata"]!["annotations"]!.ToJsonString();

        var template = _keep.Deployment(whole).Spec.Template!;

        template["metadata"]!["annotations"]!.ToJsonString().Should().Be(annotations);
        template["spec"]!["schedulingGates"]!.ToJsonString().Should().Contain(Labels.ConnectionsGate);
        template["spec"]!["containers"]![0]!["name"]!.ToString().Should().Be("worker");
        template["spec"]!.AsObject().Should().NotContainKey("nodeSelector");
    }

    [Fact]
    public void A_cached_ScaledObject_is_told_from_another_by_its_digest()
    {
        var (same, other) = (ScaledObjectBuilder.Build(Samples.Pool()), ScaledObjectBuilder.Build(Samples.Pool()));
        other.Spec.MaxReplicaCount++;

        var kept = _keep.ScaledObject(ScaledObjectBuilder.Build(Samples.Pool()));

        Digest(kept).Should().Be(Digest(_keep.ScaledObject(same))).And.NotBe(Digest(_keep.ScaledObject(other)));
        kept.Spec.Triggers.Should().BeEmpty();
        kept.Spec.ScaleTargetRef.Name.Should().Be(same.Metadata.Name);
    }

    [Fact]
    public void What_is_cut_once_is_not_cut_again()
    {
        var once = Digest(_keep.ScaledObject(ScaledObjectBuilder.Build(Samples.Pool())));
        var twice = Digest(_keep.ScaledObject(_keep.ScaledObject(ScaledObjectBuilder.Build(Samples.Pool()))));

        twice.Should().Be(once);
    }

    [Fact]
    public void What_kubectl_applied_last_is_not_kept()
    {
        var pool = Samples.Pool();
        pool.Metadata.Annotations = new() { ["kubectl.kubernetes.io/last-applied-configuration"] = "{}", ["team"] = "mail" };

        _keep.Pool(pool).Metadata.Annotations.Should().Equal(new Dictionary<string, string> { ["team"] = "mail" });
    }

    private static UInt128? Digest(ISpecDigest value) => value.SpecDigest;
}
