using K8sQueue.LocalCluster.Apply;
using K8sQueue.LocalCluster.BuiltIns;

namespace K8sQueue.LocalCluster.Tests.Apply;

public sealed class FieldSetTests
{
    [Fact]
    public void A_configuration_owns_its_leaves_and_its_list_items_by_key()
    {
        var set = TypedValue.ToFieldSet(SchemaLanguage.BuiltIn.Kind("Pod"), Samples.Parse("""
            {"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","command":["x","y"],"ports":[{"containerPort":80}]}]}}
            """));

        set.ToJson().ToJsonString().Should().Be(Samples.Parse("""
            {"f:metadata":{"f:labels":{"f:a":{}}},
             "f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:command":{},"f:image":{},"f:name":{},
               "f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}}
            """).ToJsonString());
    }

    [Fact]
    public void Fields_survive_their_serialised_form()
    {
        var set = TypedValue.ToFieldSet(SchemaLanguage.BuiltIn.Kind("Pod"), Samples.Parse("""{"spec":{"containers":[{"name":"c","env":[{"name":"A","value":"1"}]}]}}"""));

        FieldSet.RootFromJson(set.ToJson()).SameAs(set).Should().BeTrue();
    }

    [Fact]
    public void A_comparison_tells_what_came_changed_and_went()
    {
        var schema = SchemaLanguage.BuiltIn.Kind("Pod");
        var old = Samples.Parse("""{"spec":{"hostname":"h","containers":[{"name":"a","image":"1"},{"name":"b"}]}}""");
        var value = Samples.Parse("""{"spec":{"nodeName":"n","containers":[{"name":"a","image":"2"}]}}""");

        var difference = TypedValue.Compare(schema, old, value);

        difference.Added.Paths().Should().Equal(".spec.nodeName");
        difference.Modified.Paths().Should().Equal(".spec.containers[name=\"a\"].image");
        difference.Removed.Paths().Should().Equal(".spec.containers[name=\"b\"]", ".spec.containers[name=\"b\"].name", ".spec.hostname");
    }

    [Fact]
    public void Items_keep_the_live_order_but_for_what_the_applier_orders()
    {
        var schema = SchemaLanguage.BuiltIn.Kind("Pod");
        var live = Samples.Parse("""{"spec":{"containers":[{"name":"a"},{"name":"x"},{"name":"b"}]}}""");
        var applied = Samples.Parse("""{"spec":{"containers":[{"name":"b"},{"name":"a"},{"name":"c"}]}}""");

        TypedMerge.Merge(schema, live, applied)!.ToJsonString().Should().Be(
            """{"spec":{"containers":[{"name":"b"},{"name":"x"},{"name":"a"},{"name":"c"}]}}""");
    }
}
