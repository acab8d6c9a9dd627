using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Admission;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.Tests.Schema;

public sealed class SchemaValidatorTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "\"a\"", "x: Invalid value: \"string\": x in body must be of type integer: \"string\"")]
    [InlineData("""{"type":"integer"}""", "1.5", "x: Invalid value: \"number\": x in body must be of type integer: \"number\"")]
    [InlineData("""{"type":"string","enum":["a","b"]}""", "\"c\"", "x: Unsupported value: \"c\": supported values: \"a\", \"b\"")]
    [InlineData("""{"type":"integer","minimum":2}""", "1", "x: Invalid value: 1: x in body should be greater than or equal to 2")]
    [InlineData("""{"type":"integer","maximum":2,"exclusiveMaximum":true}""", "2", "x: Invalid value: 2: x in body should be less than 2")]
    [InlineData("""{"type":"string","pattern":"^a$"}""", "\"b\"", "x: Invalid value: \"b\": x in body should match '^a$'")]
    [InlineData("""{"type":"string","pattern":"^a$"}""", "\"a\\n\"", "x: Invalid value: \"a\\n\": x in body should match '^a$'")]
    [InlineData("""{"type":"string","maxLength":2}""", "\"abc\"", "x: Too long: may not be more than 2 bytes")]
    [InlineData("""{"type":"string","minLength":1}""", "\"\"", "x: Invalid value: \"\": x in body should be at least 1 chars long")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"today\"", "x: Invalid value: \"today\": x in body must be of type date-time: \"today\"")]
    [InlineData("""{"type":"array","maxItems":1,"items":{"type":"string"}}""", """["a","b"]""", "x: Too many: 2: must have at most 1 items")]
    [InlineData("""{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}""", """["a","a"]""", "x[1]: Duplicate value: \"a\"")]
    [InlineData("""{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}}""", "{}", "x.a: Required value")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"}}""", """{"k":"v"}""", "x.k: Invalid value: \"string\": x.k in body must be of type integer: \"string\"")]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "true", "x: Invalid value: \"boolean\": x in body must be of type integer,string: \"boolean\"")]
    public void What_does_not_fit_is_said_in_the_words_of_the_real_server(string schema, string value, string message)
    {
        Errors(schema, value).Should().ContainSingle().Which.Should().Be(message);
    }

    [Theory]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "\"25%\"")]
    [InlineData("""{"type":"string","nullable":true}""", "null")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", """["a","a"]""")]
    [InlineData("""{"oneOf":[{"required":["a"]},{"required":["b"]}],"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}""", """{"a":"1"}""")]
    [InlineData("""{"type":"integer","format":"int32"}""", "2147483647")]
    public void What_fits_passes(string schema, string value) => Errors(schema, value).Should().BeEmpty();

    [Theory]
    [InlineData("""{"a":"1"}""", true)]
    [InlineData("""{"a":"1","b":"1"}""", false)]
    [InlineData("{}", false)]
    public void One_of_wants_exactly_one(string value, bool isValid)
    {
        const string Schema = """{"type":"object","oneOf":[{"required":["a"]},{"required":["b"]}],"properties":{"a":{"type":"string"},"b":{"type":"string"}}}""";

        (Errors(Schema, value).Count == 0).Should().Be(isValid);
    }

    [Fact]
    public void A_rule_runs_as_its_predicate_and_names_where_it_hangs()
    {
        const string Schema = """{"type":"object","properties":{"min":{"type":"integer"},"max":{"type":"integer"}},"x-kubernetes-validations":[{"rule":"self.min <= self.max","message":"min above max"}]}""";
        var rules = new Rules("self.min <= self.max", (self, _) => self.NumberAt("min") <= self.NumberAt("max"));

        Errors(Schema, """{"min":2,"max":1}""", rules).Should().Equal("x: Invalid value: \"object\": min above max");
        Errors(Schema, """{"min":1,"max":1}""", rules).Should().BeEmpty();
    }

    [Fact]
    public void A_transition_rule_runs_on_updates_only()
    {
        const string Schema = """{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"immutable"}]}""";
        var rules = new Rules("self == oldSelf", JsonNode.DeepEquals);

        Errors(Schema, "\"b\"", rules).Should().BeEmpty();
        Errors(Schema, "\"b\"", rules, old: "\"a\"").Should().Equal("x: Invalid value: \"b\": immutable");
    }

    [Fact]
    public void A_transition_rule_of_an_item_sees_the_one_with_its_key()
    {
        const string Schema = """{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name","port"],"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"port":{"type":"integer","default":80},"n":{"type":"integer","x-kubernetes-validations":[{"rule":"self >= oldSelf","message":"shrank"}]}}}}""";
        const string Before = """[{"name":"a","n":1},{"name":"b","n":2},{"name":"b","port":81,"n":3}]""";
        var rules = new Rules("self >= oldSelf", (self, old) => self.AsInteger() >= old.AsInteger());

        Errors(Schema, """[{"name":"b","port":81,"n":3},{"name":"new","n":0},{"name":"b","port":80,"n":2},{"name":"a","n":1}]""", rules, Before).Should().BeEmpty();
        Errors(Schema, """[{"name":"b","port":81,"n":2},{"name":"b","n":2}]""", rules, Before).Should().Equal("x[0].n: Invalid value: 2: shrank");
    }

    [Fact]
    public void A_rule_does_not_run_on_a_value_that_does_not_fit_its_schema()
    {
        const string Schema = """{"type":"integer","x-kubernetes-validations":[{"rule":"self > 0"}]}""";
        var rules = new Rules("self > 0", (_, _) => throw new InvalidOperationException("must not run"));

        Errors(Schema, "\"a\"", rules).Should().ContainSingle();
    }

    private static List<string> Errors(string schema, string value, IValidationRuleSource? rules = null, string? old = null)
    {
        var root = SchemaReader.Read(Samples.Parse($$"""{"type":"object","properties":{"x":{{schema}} } }"""));
        var errors = new List<FieldError>();
        new SchemaValidator(new RuleValidator(rules ?? new NoValidationRules())).Validate(
            root, Wrap(value), old is null ? null : Wrap(old), errors);
        return [.. errors.Select(e => e.ToString())];
    }

    private static JsonObject Wrap(string value) => new() { ["x"] = JsonNode.Parse(value) };

    private sealed class Rules(string cel, Func<JsonNode, JsonNode?, bool> predicate) : IValidationRuleSource
    {
        public Func<JsonNode, JsonNode?, bool>? Find(string text) => text == cel ? predicate : null;
    }
}
