using System.Security.Claims;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Hosting;

namespace K8sQueue.Api.Tests.Authentication;

public sealed class KeyScopeTests
{
    private static readonly string Hash = new('0', 64);

    [Theory]
    [InlineData("verbs=read+enqueue;queues=emails+orders-*;tenant=acme")]
    [InlineData("verbs=manage")]
    [InlineData("queues=a.b_c-d")]
    [InlineData("queues=a*")]
    [InlineData("queues=acme.*")]
    [InlineData("tenant=0-a_b")]
    public void A_scope_is_read_as_it_is_written(string text) => KeyScope.Parse(text).Text.Should().Be(text);

    [Theory]
    [InlineData("tenant=acme;verbs=manage+read+read", "verbs=read+manage;tenant=acme")]
    [InlineData("verbs=read+manage+enqueue;queues=emails+*", "")]
    public void Order_and_repetition_say_nothing(string text, string same) => KeyScope.Parse(text).Text.Should().Be(same);

    [Theory]
    [InlineData("", "*verbs=*queues=*tenant=*")]
    [InlineData(";", "*verbs=*")]
    [InlineData("read", "*verbs=*")]
    [InlineData("verb=read", "*verbs=*")]
    [InlineData("verbs=read;", "*verbs=*")]
    [InlineData("verbs=", "*read, enqueue and manage*")]
    [InlineData("verbs=write", "*read, enqueue and manage*")]
    [InlineData("verbs=Read", "*read, enqueue and manage*")]
    [InlineData("verbs=read,enqueue", "*read, enqueue and manage*")]
    [InlineData("verbs=read++manage", "*read, enqueue and manage*")]
    [InlineData("verbs=read;verbs=manage", "*'verbs' twice*")]
    [InlineData("queues=", "*names*")]
    [InlineData("queues=Emails", "*names*")]
    [InlineData("queues=*s", "*names*")]
    [InlineData("queues=a*b", "*names*")]
    [InlineData("queues=-", "*names*")]
    [InlineData("queues=a\n", "*names*")]
    [InlineData("tenant=", "*tenant*")]
    [InlineData("tenant=a.b", "*tenant*")]
    [InlineData("tenant=*", "*tenant*")]
    public void Anything_else_is_refused_with_what_is_allowed(string text, string message)
    {
        var parse = () => KeyScope.Parse(text);
        parse.Should().Throw<FormatException>().WithMessage(message);
    }

    [Fact]
    public void Values_have_a_longest_length()
    {
        KeyScope.Parse($"queues={new string('a', 63)}*;tenant={new string('a', 63)}").Queues.Should().HaveCount(1);
        foreach (var text in new[] { $"queues={new string('a', 65)}", $"tenant={new string('a', 64)}" })
        {
            var parse = () => KeyScope.Parse(text);
            parse.Should().Throw<FormatException>();
        }
    }

    [Fact]
    public void A_bad_scope_in_a_list_is_named_by_its_line_and_not_shown()
    {
        var parse = () => ApiKeyList.Parse($"# ok\na:{Hash}:verbs=read\nb:{Hash}:verbs=k8sq_mistake", "keys.txt", '\n');
        parse.Should().Throw<ApiConfigurationException>().WithMessage("Entry 3 of keys.txt has a verb*").Which.Message.Should().NotContain("mistake");
    }

    [Fact]
    public void The_comma_list_takes_scopes()
    {
        var (first, a) = ApiKey.Create("a", KeyScope.Parse("verbs=read+enqueue;queues=emails+orders-*"));
        var (second, b) = ApiKey.Create("b");
        var list = ApiKeyList.Parse($"{a.Line},{b.Line}", "K8SQUEUE_API_KEYS", ',', '\n');
        list.Find(first)!.Scope.Queues.Should().Equal("emails", "orders-*");
        list.Find(second)!.Scope.Should().Be(KeyScope.Everything);
    }

    [Theory]
    [InlineData("verbs=read", "emails", "read", true)]
    [InlineData("verbs=read", "emails", "enqueue", false)]
    [InlineData("verbs=read", "emails", "manage", false)]
    [InlineData("verbs=read", null, "read", true)]
    [InlineData("queues=emails", "emails", "manage", true)]
    [InlineData("queues=emails", "emails2", "manage", false)]
    [InlineData("queues=emails", "email", "manage", false)]
    [InlineData("queues=emails", null, "manage", false)]
    [InlineData("queues=orders-*", "orders-eu", "read", true)]
    [InlineData("queues=orders-*", "orders-", "read", true)]
    [InlineData("queues=orders-*", "orders", "read", false)]
    [InlineData("queues=orders-*", null, "read", false)]
    [InlineData("queues=a+b", "b", "read", true)]
    [InlineData("tenant=acme", "acme", "read", true)]
    [InlineData("tenant=acme", "acme.emails", "read", true)]
    [InlineData("tenant=acme", "acme-eu", "read", false)]
    [InlineData("tenant=acme", "acmes.emails", "read", false)]
    [InlineData("tenant=acme", "emails", "read", false)]
    [InlineData("tenant=acme", null, "read", false)]
    [InlineData("tenant=acme;queues=acme.emails+other", "acme.emails", "read", true)]
    [InlineData("tenant=acme;queues=acme.emails+other", "acme.orders", "read", false)]
    [InlineData("tenant=acme;queues=acme.emails+other", "other", "read", false)]
    public void Access_is_what_verbs_queues_and_tenant_all_allow(string scope, string? queue, string verb, bool may) =>
        Access.May(Of(KeyScope.Parse(scope)), Enum.Parse<Verb>(verb, ignoreCase: true), queue).Should().Be(may);

    [Fact]
    public void A_key_without_scopes_may_everything_and_somebody_without_claims_nothing()
    {
        foreach (var verb in Enum.GetValues<Verb>())
        {
            Access.May(Of(KeyScope.Everything), verb, "emails").Should().BeTrue();
            Access.May(Of(KeyScope.Everything), verb, queue: null).Should().BeTrue();
            foreach (var nobody in new[] { new ClaimsPrincipal(), new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "x")], "Cookie")) })
            {
                Access.May(nobody, verb, "emails").Should().BeFalse();
                Access.MaySomewhere(nobody, verb).Should().BeFalse();
            }
        }
    }

    [Fact]
    public void What_two_identities_may_is_not_mixed()
    {
        var both = new ClaimsPrincipal(
            [ApiKey.IdentityOf("a", KeyScope.Parse("verbs=read;queues=emails")), ApiKey.IdentityOf("b", KeyScope.Parse("verbs=manage;queues=orders"))]);
        Access.May(both, Verb.Read, "emails").Should().BeTrue();
        Access.May(both, Verb.Manage, "orders").Should().BeTrue();
        Access.May(both, Verb.Manage, "emails").Should().BeFalse();
        Access.May(both, Verb.Read, "orders").Should().BeFalse();
    }

    private static ClaimsPrincipal Of(KeyScope scope) => new(ApiKey.IdentityOf("k", scope));
}
