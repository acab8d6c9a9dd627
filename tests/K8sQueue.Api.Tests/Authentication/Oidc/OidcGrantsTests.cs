using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Authentication.Oidc;
using K8sQueue.Api.Hosting;
using Microsoft.Extensions.Configuration;

namespace K8sQueue.Api.Tests.Authentication.Oidc;

/// <summary>What claims allow, and what settings say. No I/O.</summary>
public sealed class OidcGrantsTests
{
    private const string Groups = """{"queue-admins":"*","shop":"verbs=enqueue;queues=orders-*"}""";

    [Theory]
    [InlineData("verbs=read;queues=emails", "verbs=read;queues=emails")]
    [InlineData("*", "")]
    [InlineData("verbs=read verbs=enqueue;tenant=acme", "verbs=read|verbs=enqueue;tenant=acme")]
    [InlineData("", null)]
    [InlineData("admin", null)]
    [InlineData("verbs=everything", null)]
    public void Without_a_list_of_grants_a_claim_is_scopes(string claim, string? grants) => Texts(Options(), ("k8squeue", claim)).Should().Be(grants);

    [Theory]
    [InlineData("queue-admins", "")]
    [InlineData("shop other", "verbs=enqueue;queues=orders-*")]
    [InlineData("*", null)]
    [InlineData("verbs=read", null)]
    public void With_a_list_of_grants_a_claim_is_names_of_them_and_nothing_else(string claim, string? grants) =>
        Texts(Options((OidcOptions.GrantsVariable, Groups)), ("k8squeue", claim)).Should().Be(grants);

    [Theory]
    [InlineData("""["shop","x"]""", "verbs=enqueue;queues=orders-*")]
    [InlineData("""["Shop queue-admins"]""", null)]
    [InlineData("""["Shop readers"]""", "verbs=read")]
    [InlineData("\"Shop readers\"", null)]
    [InlineData("\"other queue-admins\"", "")]
    [InlineData("[17]", "verbs=manage")]
    [InlineData("17", "verbs=manage")]
    [InlineData("[[\"shop\"],{},null,true]", null)]
    [InlineData("null", null)]
    public void A_member_of_a_list_is_one_value_and_a_text_is_several(string claim, string? grants) => Texts(
        Options((OidcOptions.GrantsVariable, """{"queue-admins":"*","shop":"verbs=enqueue;queues=orders-*","Shop readers":"verbs=read","17":"verbs=manage"}""")),
        $$"""{"k8squeue":{{claim}}}""").Should().Be(grants);

    [Theory]
    [InlineData("""{"roles":["shop","x"]}""", "verbs=enqueue;queues=orders-*")]
    [InlineData("""{"roles":"queue-admins"}""", "")]
    [InlineData("""{"roles":[1,{}]}""", null)]
    [InlineData("""["roles"]""", null)]
    [InlineData("\"roles\"", null)]
    [InlineData("""{"roles":["Shop queue-admins"]}""", null)]
    public void A_claim_may_be_a_member_of_an_object(string claim, string? grants) => Texts(
        Options((OidcOptions.GrantsVariable, Groups), (OidcOptions.ClaimVariable, "realm_access.roles")), $$"""{"realm_access":{{claim}}}""").Should().Be(grants);

    [Fact]
    public void A_claim_whose_name_has_dots_is_taken_as_it_is() =>
        Texts(Options((OidcOptions.ClaimVariable, "https://example.com/may")), ("https://example.com/may", "verbs=read")).Should().Be("verbs=read");

    [Theory]
    [InlineData("acme", "verbs=read", "verbs=read;tenant=acme")]
    [InlineData("acme", "tenant=acme", "tenant=acme")]
    [InlineData("acme", "tenant=other", null)]
    [InlineData("a.b", "verbs=read", null)]
    [InlineData(null, "*", null)]
    public void A_tenants_claim_bounds_every_grant_and_is_needed(string? tenant, string claim, string? grants)
    {
        var options = Options((OidcOptions.TenantClaimVariable, "org"));
        (string, string)[] claims = tenant is null ? [("k8squeue", claim)] : [("k8squeue", claim), ("org", tenant)];
        Texts(options, claims).Should().Be(grants);
    }

    [Fact]
    public void Many_grants_are_cut_off() =>
        OidcGrants.Of(Options(), Json(("k8squeue", string.Join(' ', Enumerable.Range(0, 50).Select(i => $"queues=q{i}"))))).Should().HaveCount(OidcGrants.MaxGrants);

    [Theory]
    [InlineData("auth0|123", "oidc:auth0|123")]
    [InlineData("a b\n", "oidc:a%20b%0A")]
    [InlineData("50%", "oidc:50%25")]
    [InlineData("größe", "oidc:gr%C3%B6%C3%9Fe")]
    [InlineData("", null)]
    public void A_subjects_name_is_visible_ASCII(string subject, string? name) => OidcGrants.NameOf(Json(("sub", subject))).Should().Be(name);

    [Fact]
    public void Each_grant_stands_for_itself()
    {
        var somebody = OidcGrants.PrincipalOf("oidc:ada", [KeyScope.Parse("verbs=read;queues=a"), KeyScope.Parse("verbs=enqueue;queues=b")], "t");
        somebody.Identity!.Name.Should().Be("oidc:ada");
        Access.May(somebody, Verb.Read, "a").Should().BeTrue();
        Access.May(somebody, Verb.Enqueue, "b").Should().BeTrue();
        Access.May(somebody, Verb.Enqueue, "a").Should().BeFalse();
        Access.MaySomewhere(OidcGrants.PrincipalOf("oidc:ada", [], "t"), Verb.Read).Should().BeFalse();
    }

    [Theory]
    [InlineData("*must be an https address*", OidcOptions.IssuerVariable, "http://login.example.com")]
    [InlineData("*must be an https address*", OidcOptions.IssuerVariable, "login.example.com")]
    [InlineData("*must be an https address*", OidcOptions.IssuerVariable, "https://me:secret@login.example.com")]
    [InlineData("*object in JSON*", OidcOptions.GrantsVariable, "shop")]
    [InlineData("*object in JSON*", OidcOptions.GrantsVariable, """{"a":1}""")]
    [InlineData("'a' of * has a verb that there is not*", OidcOptions.GrantsVariable, """{"a":"verbs=x"}""")]
    [InlineData("*from 0 to 300*", OidcOptions.ClockSkewVariable, "301")]
    [InlineData("*must have 'openid'*", OidcOptions.LoginScopesVariable, "profile")]
    [InlineData("*can't be read*", OidcOptions.ClientSecretFileVariable, "/nowhere/secret")]
    public void A_setting_that_can_not_be_read_is_refused(string message, string name, string value)
    {
        var read = () => Options((name, value));
        read.Should().Throw<ApiConfigurationException>().WithMessage(message).Which.Message.Should().NotContain("nothing:");
    }

    [Fact]
    public void An_issuer_alone_and_an_audience_alone_are_refused()
    {
        var issuer = () => Read((OidcOptions.IssuerVariable, "https://login.example.com"));
        issuer.Should().Throw<ApiConfigurationException>().WithMessage("*for tokens*for logins*");
        var audience = () => Read((OidcOptions.AudienceVariable, "k8squeue"));
        audience.Should().Throw<ApiConfigurationException>().WithMessage("*is not set*");
        Read().TakesTokens.Should().BeFalse();
    }

    private static string? Texts(OidcOptions options, params (string Type, string Value)[] claims) => Texts(options, Json(claims).GetRawText());

    private static string? Texts(OidcOptions options, string payload)
    {
        var grants = OidcGrants.Of(options, OidcGrants.PayloadOf(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))));
        return grants.Count == 0 ? null : string.Join('|', grants.Select(grant => grant.Text));
    }

    private static JsonElement Json(params (string Name, string Value)[] claims) =>
        JsonSerializer.SerializeToElement(claims.ToDictionary(claim => claim.Name, claim => claim.Value));

    private static OidcOptions Options(params (string Name, string Value)[] settings) =>
        Read([(OidcOptions.IssuerVariable, "https://login.example.com"), (OidcOptions.AudienceVariable, "k8squeue"), .. settings]);

    private static OidcOptions Read(params (string Name, string Value)[] settings) => OidcOptions.From(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.GroupBy(setting => setting.Name).Select(name => KeyValuePair.Create(name.Key, (string?)name.Last().Value))).Build());
}
