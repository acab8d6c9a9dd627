using K8sQueue.Testing;
using YamlDotNet.RepresentationModel;

namespace K8sQueue.Operator.Tests.Admission;

/// <summary>What the Roles say; the end-to-end suite compares it with what the operator does.</summary>
public sealed class RoleTests
{
    [Fact]
    public void The_role_of_a_namespace_has_the_rules_of_the_cluster_role() =>
        RulesOf("namespaced/20-role.yaml").Should().Equal(RulesOf("20-cluster-role.yaml"));

    [Fact]
    public void Secrets_are_never_listed_or_watched_and_nothing_is_a_wildcard()
    {
        var rules = RulesOf("20-cluster-role.yaml").ToList();

        rules.Should().NotContain(rule => rule.Contains('*'));
        rules.Where(rule => rule.Contains("secrets")).Should().NotBeEmpty()
            .And.NotContain(rule => rule.Contains("list") || rule.Contains("watch") || rule.Contains("delete"));
    }

    private static IEnumerable<string> RulesOf(string file)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(Path.Combine(RepositoryFolder.Root, "deploy", "operator", file));
        stream.Load(reader);
        return ((YamlSequenceNode)stream.Documents[0].RootNode["rules"]).Select(rule => rule.ToString());
    }
}
