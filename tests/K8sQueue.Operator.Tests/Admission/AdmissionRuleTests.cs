using System.Text.Json.Nodes;
using K8sQueue.Operator.Admission;
using K8sQueue.Testing;
using YamlDotNet.RepresentationModel;

namespace K8sQueue.Operator.Tests.Admission;

public sealed class AdmissionRuleTests
{
    private const string Operator = "system:serviceaccount:k8squeue-system:k8squeue-operator";

    [Fact]
    public void Every_validation_of_the_policies_is_a_rule_with_a_twin_and_every_rule_is_in_a_policy() =>
        Policies().SelectMany(policy => (YamlSequenceNode)policy["spec"]["validations"])
            .Select(validation => validation["expression"].ToString()).Distinct()
            .Should().BeEquivalentTo(AdmissionRules.All.Select(rule => rule.Cel));

    [Fact]
    public void A_policy_fails_closed_is_bound_and_looks_at_nothing_but_pools()
    {
        foreach (var policy in Policies())
        {
            var (name, spec) = (policy["metadata"]["name"].ToString(), policy["spec"]);
            spec["failurePolicy"].ToString().Should().Be("Fail");
            ((YamlSequenceNode)spec["matchConstraints"]["objectSelector"]["matchExpressions"]).Select(item => $"{item["key"]} {item["operator"]}")
                .Should().Contain($"{Labels.Pool} Exists").And.OnlyContain(item => item.EndsWith(" Exists", StringComparison.Ordinal));
            spec["matchConstraints"]["resourceRules"].ToString().Should().NotContain("*");
            Documents("ValidatingAdmissionPolicyBinding").Should().ContainSingle(binding => binding["spec"]["policyName"].ToString() == name)
                .Which["spec"]["validationActions"].ToString().Should().Contain("Deny");
        }
    }

    [Fact]
    public void Every_policy_that_asks_for_the_operator_names_the_same()
    {
        var asking = Policies().Where(policy => policy["spec"]["validations"].ToString().Contains("variables.operators")).ToList();

        asking.Select(policy => policy["spec"]["variables"][0]["expression"].ToString()).Should().HaveCountGreaterThan(1).And.AllBe($"['{Operator}']");
    }

    [Theory]
    [InlineData(Operator, true)]
    [InlineData("kubernetes-admin", false)]
    public void Only_the_operator_makes_the_Deployment_of_a_revision(string user, bool allowed) =>
        AdmissionRules.DeploymentOfOperator.Predicate(Creation("{}", user)).Should().Be(allowed);

    [Theory]
    [InlineData("""[{"apiVersion":"apps/v1","kind":"Deployment","name":"p-abc","controller":true}]""", true)]
    [InlineData("""[{"apiVersion":"v1","kind":"Node","name":"n"},{"apiVersion":"apps/v1","kind":"Deployment","name":"p-abc","controller":true}]""", true)]
    [InlineData("""[{"apiVersion":"apps/v1","kind":"Deployment","name":"p-abc","controller":false}]""", false)]
    [InlineData("""[{"apiVersion":"apps/v1","kind":"Deployment","name":"p-abc"}]""", false)]
    [InlineData("""[{"apiVersion":"apps/v1","kind":"Deployment","name":"p-ab","controller":true}]""", false)]
    [InlineData("""[{"apiVersion":"example.com/v1","kind":"Deployment","name":"p-abc","controller":true}]""", false)]
    [InlineData("[]", false)]
    [InlineData("null", false)]
    public void The_ReplicaSet_of_a_revision_is_its_Deployments(string owners, bool allowed) =>
        AdmissionRules.ReplicaSetOfDeployment.Predicate(Creation(Labelled("p", "abc", owners))).Should().Be(allowed);

    [Theory]
    [InlineData("abc", "p-abc-x1", true)]
    [InlineData("abc", "p-abc-x2", false)]
    [InlineData("abc", "", false)]
    [InlineData("", "", true)]
    public void A_pod_of_a_revision_is_its_ReplicaSets(string revision, string replicaSet, bool allowed)
    {
        var owners = replicaSet.Length == 0 ? "[]" : $$"""[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"{{replicaSet}}","controller":true}]""";

        AdmissionRules.PodOfReplicaSet.Predicate(Creation(Labelled("p", revision, owners))).Should().Be(allowed);
    }

    [Theory]
    [InlineData("p", "abc", "p", "abc", true)]
    [InlineData("p", "abc", "", "abc", true)]
    [InlineData("p", "abc", "p", "", true)]
    [InlineData("p", "abc", "q", "abc", false)]
    [InlineData("p", "abc", "p", "def", false)]
    [InlineData("", "abc", "p", "abc", false)]
    [InlineData("p", "", "p", "abc", false)]
    public void A_pod_may_leave_its_pool_and_joins_none(string oldPool, string oldRevision, string pool, string revision, bool allowed) =>
        AdmissionRules.NobodyJoins.Predicate(Update(Labelled(oldPool, oldRevision), Labelled(pool, revision))).Should().Be(allowed);

    [Theory]
    [InlineData("p", "abc", "p", "abc", true)]
    [InlineData("p", "abc", "", "", false)]
    [InlineData("p", "abc", "p", "def", false)]
    [InlineData("", "", "p", "abc", false)]
    public void The_labels_of_a_revision_stay(string oldPool, string oldRevision, string pool, string revision, bool allowed) =>
        AdmissionRules.LabelsStay.Predicate(Update(Labelled(oldPool, oldRevision), Labelled(pool, revision), Operator)).Should().Be(allowed);

    [Fact]
    public void A_template_stays_whatever_else_changes()
    {
        const string Before = """{"spec":{"replicas":1,"template":{"spec":{"schedulingGates":[{"name":"k8squeue.io/connections"}]}}}}""";

        AdmissionRules.TemplateStays.Predicate(Update(Before, Before.Replace("1", "2", StringComparison.Ordinal))).Should().BeTrue();
        AdmissionRules.TemplateStays.Predicate(Update(Before, """{"spec":{"replicas":1,"template":{"spec":{}}}}""")).Should().BeFalse();
        AdmissionRules.TemplateStays.Predicate(Creation(Before)).Should().BeTrue();
    }

    private static AdmissionInput Creation(string value, string user = "somebody") => new(true, Json(value), null, user, [Operator]);

    private static AdmissionInput Update(string old, string value, string user = "somebody") => new(false, Json(value), Json(old), user, [Operator]);

    /// <summary>An empty label is one that is missing.</summary>
    private static string Labelled(string pool, string revision, string owners = "[]")
    {
        var labels = new JsonObject { ["pod-template-hash"] = "x1" };
        if (pool.Length > 0)
            labels[Labels.Pool] = pool;
        if (revision.Length > 0)
            labels[Labels.Revision] = revision;
        return new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels, ["ownerReferences"] = JsonNode.Parse(owners) } }.ToJsonString();
    }

    private static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;

    private static IEnumerable<YamlNode> Policies() => Documents("ValidatingAdmissionPolicy");

    private static IEnumerable<YamlNode> Documents(string kind)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(Path.Combine(RepositoryFolder.Root, "deploy", "operator", "30-admission-policy.yaml"));
        stream.Load(reader);
        return stream.Documents.Select(document => document.RootNode).Where(node => node["kind"].ToString() == kind);
    }
}
