using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Operator.Tests.Resources;

namespace K8sQueue.Operator.Tests.Revisions;

public sealed class RevisionHashTests
{
    public static TheoryData<string, Action<WorkerPoolSpec>> Changes => new()
    {
        { "image", spec => spec.Template = Samples.Template("ghcr.io/acme/emails:1.5") },
        { "drain", spec => spec.Drain.TimeoutSeconds = 31 },
        { "charge", spec => spec.Connections = [Samples.Connection("db", 1)] },
        { "queue", spec => spec.Queues = [Samples.Queue("emails"), Samples.Queue("more")] },
        { "redis", spec => spec.Queues[0].K8squeue!.Redis.Database = 1 },
        { "password", spec => spec.Queues[0].K8squeue!.Redis.PasswordSecretRef = new() { Name = "a", Key = "b" } },
    };

    public static TheoryData<string, Action<WorkerPoolSpec>> NoChanges => new()
    {
        { "replicas", spec => spec.Replicas = 7 },
        { "suspend", spec => spec.Suspend = true },
        { "scaling", spec => spec.Scaling.MaxReplicas = 99 },
        { "jobsPerReplica", spec => spec.Queues[0].JobsPerReplica = 3 },
        { "another's queue", spec => spec.Queues = [Samples.Queue("emails"), Samples.RawQueue("b", 2)] },
    };

    [Fact]
    public void The_hash_of_a_spec_never_changes() => RevisionHash.Of(Samples.Pool().Spec).Should().Be("nmcmmfzw", "another hash would roll every pool out anew");

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_reaches_the_pods_makes_a_revision(string what, Action<WorkerPoolSpec> change) =>
        RevisionHash.Of(Samples.Pool(change: change).Spec).Should().NotBe(RevisionHash.Of(Samples.Pool().Spec), what);

    [Theory]
    [MemberData(nameof(NoChanges))]
    public void What_does_not_reach_the_pods_makes_none(string what, Action<WorkerPoolSpec> change) =>
        RevisionHash.Of(Samples.Pool(change: change).Spec).Should().Be(RevisionHash.Of(Samples.Pool().Spec), what);

    [Theory]
    [InlineData(100)]
    [InlineData(9_900)]
    public void A_template_that_nests_as_deep_as_the_server_lets_it_has_a_hash_like_others(int depth)
    {
        var (one, other) = (Deep("1"), Deep("2"));

        RevisionHash.Of(one).Should().Be(RevisionHash.Of(Deep("1"))).And.NotBe(RevisionHash.Of(other));

        WorkerPoolSpec Deep(string inside) => Samples.Pool(change: spec => spec.Template = BuilderGoldenTests.Template(
            $$$"""{"spec":{"containers":[{"name":"w","image":"i"}],"deep":{{{string.Concat(Enumerable.Repeat("{\"a\":", depth))}}}{{{inside}}}{{{new string('}', depth)}}} } }""")).Spec;
    }

    [Fact]
    public void The_order_of_fields_does_not_matter()
    {
        var one = Samples.Pool(change: spec => spec.Template = BuilderGoldenTests.Template("""{"spec":{"containers":[{"name":"w","image":"i"}],"hostNetwork":false,"dnsPolicy":"None"}}"""));
        var other = Samples.Pool(change: spec => spec.Template = BuilderGoldenTests.Template("""{"spec":{"dnsPolicy":"None","containers":[{"image":"i","name":"w"}],"hostNetwork":false}}"""));

        RevisionHash.Of(one.Spec).Should().Be(RevisionHash.Of(other.Spec));
    }

    [Fact]
    public void A_hash_is_fit_for_a_name() => RevisionHash.Of(Samples.Pool().Spec).Should().MatchRegex("^[a-z0-9]{8}$");
}
