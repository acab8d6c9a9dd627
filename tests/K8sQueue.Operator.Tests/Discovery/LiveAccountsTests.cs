using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Tests.Discovery;

public sealed class LiveAccountsTests
{
    [Theory]
    [InlineData("emails-x-1", "emails-x-1", true)]
    [InlineData("emails-x-1/7", "emails-x-1", true)]
    [InlineData("emails-x-1 pool", "emails-x-1", true)]
    [InlineData("emails-x-10", "emails-x-1", false)]
    [InlineData("emails-x", "emails-x-1", false)]
    [InlineData("", "emails-x-1", false)]
    [InlineData("a23456789b123456789c123456789d123456789e123456789f123456789g123", "a23456789b123456789c123456789d123456789e123456789f123456789g123-xyz", true)]
    public void A_name_is_a_pods_where_it_is_the_pods_up_to_a_border_or_what_the_server_keeps_of_it(string name, string pod, bool isIts) =>
        LiveNames.MayBe(name, pod).Should().Be(isIts);

    [Fact]
    public void Pods_external_consumers_and_what_is_reserved_are_accounted_for() =>
        Unaccounted(reserved: 2, Live("pod-a", 3), Live("pod-b/1", 4), Live("api", 5), Live("psql", 2)).Should().Be(0);

    [Fact]
    public void What_is_beyond_them_is_counted_and_named()
    {
        var (count, whose) = LiveAccounts.Unaccounted([Live("pod-a", 3), Live("psql", 3), Live("", 4)], Holders, Spec(reserved: 2));

        count.Should().Be(5);
        whose.Should().Be("(no name) from 10.0.0.1: 4, 'psql' from 10.0.0.1: 3");
    }

    [Fact]
    public void A_pod_explains_no_more_than_it_is_charged() => Unaccounted(reserved: 0, Live("pod-a", 3), Live("pod-a/2", 2)).Should().Be(1);

    [Fact]
    public void An_external_consumer_explains_no_more_than_it_says() => Unaccounted(reserved: 0, Live("api", 8)).Should().Be(3);

    [Fact]
    public void The_list_of_names_is_bounded_and_printable()
    {
        var live = Enumerable.Range(0, 50).Select(i => Live($"{new string('x', 100)}\u001b[31m{i}", 1)).ToList();

        var (count, whose) = LiveAccounts.Unaccounted(live, [], Spec(reserved: 0));

        count.Should().Be(50);
        whose.Should().EndWith("...").And.NotContain("\u001b");
        whose.Length.Should().BeLessThan(600);
    }

    private static readonly ConnectionHolder[] Holders =
    [
        new() { Uid = "a", Pod = "pod-a", Connections = 4 },
        new() { Uid = "b", Pod = "pod-b", Connections = 4 },
    ];

    private static int Unaccounted(int reserved, params LiveConnections[] live) => LiveAccounts.Unaccounted(live, Holders, Spec(reserved)).Count;

    private static ConnectionBudgetSpec Spec(int reserved) =>
        new() { Capacity = 100, Reserved = reserved, External = [new ExternalConsumer { Name = "api", Connections = 5 }] };

    private static LiveConnections Live(string name, int count) => new(name, "10.0.0.1", count);
}
