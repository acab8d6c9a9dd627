using K8sQueue.Operator.Caching;

namespace K8sQueue.Operator.Tests.Caching;

public sealed class StringPoolTests
{
    [Fact]
    public void Equal_strings_become_one()
    {
        var pool = new StringPool();
        var first = new string('a', 10);

        pool.Share(first).Should().BeSameAs(first);
        pool.Share(new string('a', 10)).Should().BeSameAs(first);
        pool.ShareOrNull(null).Should().BeNull();
    }

    [Fact]
    public void A_small_pool_gives_up_instances_but_never_texts()
    {
        var pool = new StringPool(2);

        for (var i = 0; i < 100; i++)
            pool.Share($"text {i}").Should().Be($"text {i}");
    }
}
