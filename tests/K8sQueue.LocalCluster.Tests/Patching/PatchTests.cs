using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.BuiltIns;
using K8sQueue.LocalCluster.Patching;

namespace K8sQueue.LocalCluster.Tests.Patching;

public sealed class PatchTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"c":2}}""", """{"b":{"c":null,"d":3}}""", """{"a":1,"b":{"d":3}}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[3]}""", """{"a":[3]}""")]
    [InlineData("""{"a":"x"}""", """{"a":{"b":{"c":null}}}""", """{"a":{"b":{}}}""")]
    public void A_merge_patch_merges(string target, string patch, string expected) =>
        MergePatch.Apply(JsonNode.Parse(target), JsonNode.Parse(patch))!.ToJsonString().Should().Be(expected);

    [Theory]
    [InlineData("""[{"op":"add","path":"/b","value":1}]""", """{"a":[1,2],"b":1}""")]
    [InlineData("""[{"op":"add","path":"/a/1","value":9}]""", """{"a":[1,9,2]}""")]
    [InlineData("""[{"op":"add","path":"/a/-","value":9}]""", """{"a":[1,2,9]}""")]
    [InlineData("""[{"op":"remove","path":"/a/0"}]""", """{"a":[2]}""")]
    [InlineData("""[{"op":"test","path":"/a/0","value":1},{"op":"replace","path":"/a/0","value":5}]""", """{"a":[5,2]}""")]
    [InlineData("""[{"op":"move","from":"/a","path":"/x~1y"}]""", """{"x/y":[1,2]}""")]
    [InlineData("""[{"op":"copy","from":"/a/0","path":"/c"}]""", """{"a":[1,2],"c":1}""")]
    public void A_json_patch_runs_its_operations(string patch, string expected) =>
        JsonPatch.Apply(Samples.Parse("""{"a":[1,2]}"""), JsonNode.Parse(patch)).ToJsonString().Should().Be(expected);

    [Theory]
    [InlineData("""[{"op":"test","path":"/a/0","value":7}]""", 422)]
    [InlineData("""[{"op":"remove","path":"/nope"}]""", 422)]
    [InlineData("""[{"op":"add","path":"/a/7","value":1}]""", 422)]
    [InlineData("""[{"op":"dance","path":"/a"}]""", 400)]
    [InlineData("""{"op":"add"}""", 400)]
    public void A_json_patch_that_does_not_apply_is_refused(string patch, int code)
    {
        var apply = () => JsonPatch.Apply(Samples.Parse("""{"a":[1,2]}"""), JsonNode.Parse(patch));

        apply.Should().Throw<ClusterApiException>().Which.Code.Should().Be(code);
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"b","image":"2"}]}""", """["a:1 b:2"]""")]
    [InlineData("""{"containers":[{"name":"a","$patch":"delete"}]}""", """["b:1"]""")]
    [InlineData("""{"containers":[{"name":"c","image":"3"}]}""", """["a:1 b:1 c:3"]""")]
    [InlineData("""{"containers":[{"$patch":"replace"},{"name":"z","image":"9"}]}""", """["z:9"]""")]
    [InlineData("""{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a","image":"7"}]}""", """["b:1 a:7"]""")]
    public void A_strategic_merge_patch_finds_items_by_their_key(string spec, string expected)
    {
        var target = Samples.Parse("""{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}}""");

        var result = StrategicMergePatch.Apply(SchemaLanguage.BuiltIn.Kind("Pod"), target, new JsonObject { ["spec"] = JsonNode.Parse(spec) });

        var containers = result["spec"]!["containers"]!.AsArray().Select(c => $"{c!["name"]}:{c["image"]}");
        new JsonArray(string.Join(' ', containers)).ToJsonString().Should().Be(expected);
    }

    [Fact]
    public void A_strategic_merge_patch_adds_to_and_deletes_from_sets()
    {
        var target = Samples.Parse("""{"metadata":{"finalizers":["a","b"]}}""");
        var patch = Samples.Parse("""{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["c"]}}""");

        StrategicMergePatch.Apply(SchemaLanguage.BuiltIn.Kind("Pod"), target, patch).ToJsonString().Should().Be(
            """{"metadata":{"finalizers":["b","c"]}}""");
    }

    [Fact]
    public void Retained_keys_are_all_that_stays()
    {
        var target = Samples.Parse("""{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}""");
        var patch = Samples.Parse("""{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""");

        StrategicMergePatch.Apply(SchemaLanguage.BuiltIn.Kind("Deployment"), target, patch).ToJsonString().Should().Be(
            """{"spec":{"strategy":{"type":"Recreate"}}}""");
    }
}
