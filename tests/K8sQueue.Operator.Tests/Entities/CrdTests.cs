using System.Text.Json.Nodes;
using K8sQueue.Operator.Entities.Schema;
using K8sQueue.Operator.Entities.Validation;

namespace K8sQueue.Operator.Tests.Entities;

public sealed class CrdTests
{
    public static TheoryData<string> Files => [.. CrdYaml.Files().Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_published_file_is_what_the_entities_say(string file) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "crds", file))
            .Should().Be(CrdYaml.Files()[file], "after a change of the entities, `make crds` writes crds/ anew");

    [Fact]
    public void Every_rule_of_a_schema_has_its_predicate_and_every_predicate_its_rule()
    {
        var texts = CrdBuilder.BuildAll().SelectMany(crd => Rules(crd.Definition)).Distinct().ToList();

        texts.Should().BeEquivalentTo(ValidationRules.All.Select(rule => rule.Cel));
        texts.Should().OnlyContain(text => ValidationRules.Find(text) != null);
    }

    [Fact]
    public void Everything_in_a_spec_is_bounded()
    {
        foreach (var (_, crd) in CrdBuilder.BuildAll())
            Unbounded(crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!, "spec").Should().BeEmpty("rules have a cost that the bounds limit");
    }

    private static IEnumerable<string> Rules(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(entry => entry.Key == "x-kubernetes-validations"
            ? entry.Value!.AsArray().Select(rule => (string)rule!["rule"]!)
            : Rules(entry.Value)),
        JsonArray list => list.SelectMany(Rules),
        _ => [],
    };

    private static IEnumerable<string> Unbounded(JsonNode schema, string path)
    {
        var missing = (string?)schema["type"] switch
        {
            "string" when schema["format"] is null => schema["maxLength"] is null,
            "array" => schema["maxItems"] is null,
            "integer" => schema["maximum"] is null && !path.EndsWith("replicas", StringComparison.Ordinal),
            "object" when schema["additionalProperties"] is not null => schema["maxProperties"] is null,
            _ => false,
        };
        if (missing)
            yield return path;
        var children = (schema["properties"]?.AsObject().Select(property => (Path: $"{path}.{property.Key}", Schema: property.Value!)) ?? [])
            .Concat(schema["items"] is { } items ? [($"{path}[]", items)] : [])
            .Concat(schema["additionalProperties"] is { } values ? [($"{path}.*", values)] : []);
        foreach (var unbounded in children.SelectMany(child => Unbounded(child.Schema, child.Path)))
            yield return unbounded;
    }
}
