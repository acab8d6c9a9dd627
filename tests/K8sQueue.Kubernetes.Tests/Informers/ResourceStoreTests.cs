using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;

namespace K8sQueue.Kubernetes.Tests.Informers;

public class ResourceStoreTests
{
    private readonly ResourceStore<V1Widget> _store = new();

    [Fact]
    public void Indexes_follow_changes_and_deletes()
    {
        _store.IndexByOwner().IndexByLabel("pool");
        Set("a", "emails", owner: "u1");
        Set("b", "emails", owner: "u1");
        Set("b", "reports", owner: "u2");
        Set("c", "emails", owner: "u1");
        _store.Remove(new NamespacedName("shop", "c"));

        Names(_store.WithLabel("pool", "shop", "emails")).Should().Equal("a");
        Names(_store.WithLabel("pool", "shop", "reports")).Should().Equal("b");
        Names(_store.WithLabel("pool", "other", "emails")).Should().BeEmpty("a label's value counts within a namespace");
        Names(_store.OwnedBy(new V1Widget { Metadata = { Uid = "u1" } })).Should().Equal("a");
    }

    [Fact]
    public void An_index_added_late_knows_what_is_there()
    {
        Set("a", "emails", owner: "u1");

        _store.IndexByLabel("pool");

        Names(_store.WithLabel("pool", "shop", "emails")).Should().Equal("a");
    }

    [Fact]
    public void A_namespace_lists_its_own_objects_until_the_last_is_gone()
    {
        Set("a", "emails", owner: "u1");
        Set("b", "emails", owner: "u1");
        Set("a", "reports", owner: "u2");
        Set("a", "emails", owner: "u1", @namespace: "other");

        Names(_store.List("shop")).Should().BeEquivalentTo("a", "b");
        _store.List("shop").First(widget => widget.Metadata.Name == "a").Label("pool").Should().Be("reports");
        Names(_store.List("other")).Should().Equal("a");
        _store.List().Should().HaveCount(3);

        _store.Remove(new NamespacedName("shop", "a"));
        _store.Remove(new NamespacedName("shop", "b"));

        _store.List("shop").Should().BeEmpty();
        _store.List("nowhere").Should().BeEmpty();
        _store.List().Should().ContainSingle();
    }

    [Fact]
    public void An_unknown_index_is_a_mistake_that_is_named()
    {
        var lookup = () => _store.ByIndex("nope", "x");

        lookup.Should().Throw<ArgumentException>().WithMessage("*nope*");
    }

    private static IEnumerable<string?> Names(IEnumerable<V1Widget> widgets) => widgets.Select(w => w.Metadata.Name);

    private void Set(string name, string pool, string owner, string @namespace = "shop")
    {
        var widget = new V1Widget
        {
            Metadata = new V1ObjectMeta
            {
                Name = name,
                Namespace = @namespace,
                Labels = new Dictionary<string, string> { ["pool"] = pool },
                OwnerReferences = [new V1OwnerReference { Uid = owner }],
            },
        };
        _store.Set(widget.Key(), widget);
    }
}
