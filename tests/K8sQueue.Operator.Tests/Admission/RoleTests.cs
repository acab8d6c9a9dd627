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

    [Theory]
    [InlineData("20-cluster-role.yaml", 0)]
    [InlineData("10-identity.yaml", 2)]
    public async Task The_guide_says_what_each_right_is_for(string file, int document)
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "docs", "how-to", "install-rights.md"));

        foreach (var rule in Rules(file, document))
        {
            var (resources, verbs) = (Texts(rule["resources"]), string.Join(' ', Texts(rule["verbs"])));
            var names = ((YamlMappingNode)rule).Children.TryGetValue("resourceNames", out var named) ? $" named `{string.Join("`, `", Texts(named))}`" : "";
            guide.Should().Contain($"| {string.Join(", ", resources.Select(resource => $"`{resource}`"))}{names} | {verbs} |");
        }

        static IEnumerable<string> Texts(YamlNode list) => ((YamlSequenceNode)list).Select(item => item.ToString());
    }

    private static IEnumerable<string> RulesOf(string file) => Rules(file, document: 0).Select(rule => rule.ToString());

    private static YamlSequenceNode Rules(string file, int document)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(Path.Combine(RepositoryFolder.Root, "deploy", "operator", file));
        stream.Load(reader);
        return (YamlSequenceNode)stream.Documents[document].RootNode["rules"];
    }
}
