using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.Tests.Schema;

public sealed class PruningAndDefaultingTests
{
    private static readonly StructuralSchema Schema = SchemaReader.Read(Samples.Parse("""
        {"type":"object","properties":{
          "spec":{"type":"object","properties":{
            "count":{"type":"integer","default":3},
            "nested":{"type":"object","default":{},"properties":{"deep":{"type":"string","default":"d"}}},
            "items":{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer","default":1}}}},
            "map":{"type":"object","additionalProperties":{"type":"object","properties":{"v":{"type":"string","default":"w"}}}},
            "any":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
            "nothing":{"type":"string","nullable":true,"default":"x"}}}}}
        """));

    [Fact]
    public void Unknown_fields_go_and_are_named()
    {
        var value = Samples.Parse("""{"kind":"K","metadata":{"x":1},"spec":{"typo":1,"items":[{"n":2,"m":3}],"any":{"kept":{"too":1}}},"extra":1}""");

        var dropped = Pruner.Prune(Schema, value);

        dropped.Should().BeEquivalentTo("spec.typo", "spec.items[0].m", "extra");
        value.ToJsonString().Should().Be("""{"kind":"K","metadata":{"x":1},"spec":{"items":[{"n":2}],"any":{"kept":{"too":1}}}}""");
    }

    [Fact]
    public void Defaults_fill_what_is_missing_also_inside_of_defaults_items_and_maps()
    {
        var value = Samples.Parse("""{"spec":{"items":[{}],"map":{"a":{}},"nothing":null}}""");

        Defaulter.Default(Schema, value);

        value.NumberAt("spec", "count").Should().Be(3);
        value.TextAt("spec", "nested", "deep").Should().Be("d");
        value.ListAt("spec", "items")![0].NumberAt("n").Should().Be(1);
        value.TextAt("spec", "map", "a", "v").Should().Be("w");
        value.MapAt("spec")!["nothing"].Should().BeNull("an explicit null is a value where the schema says nullable");
    }

    [Fact]
    public void A_null_counts_as_missing_where_the_schema_is_not_nullable()
    {
        var value = Samples.Parse("""{"spec":{"count":null}}""");

        Defaulter.Default(Schema, value);

        value.NumberAt("spec", "count").Should().Be(3);
    }
}
