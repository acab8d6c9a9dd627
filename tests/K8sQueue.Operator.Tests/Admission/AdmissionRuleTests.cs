using K8sQueue.Operator.Admission;
using K8sQueue.Testing;
using YamlDotNet.RepresentationModel;

namespace K8sQueue.Operator.Tests.Admission;

public sealed class AdmissionRuleTests
{
    [Fact]
    public void Every_validation_of_the_policies_is_a_rule_with_a_twin_and_every_rule_is_in_a_policy() =>
        Expressions().Should().BeEquivalentTo(AdmissionRules.All.Select(rule => rule.Cel));

    private static IEnumerable<string> Expressions()
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(Path.Combine(RepositoryFolder.Root, "deploy", "operator", "30-admission-policy.yaml"));
        stream.Load(reader);
        return stream.Documents.Select(document => document.RootNode)
            .Where(node => node["kind"].ToString() == "ValidatingAdmissionPolicy")
            .SelectMany(node => (YamlSequenceNode)node["spec"]["validations"])
            .Select(validation => validation["expression"].ToString());
    }
}
