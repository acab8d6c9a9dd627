using System.Net;
using System.Text;
using K8sQueue.Api.Authentication.Oidc;
using K8sQueue.Api.Hosting;
using K8sQueue.Testing;
using Microsoft.IdentityModel.Tokens;

namespace K8sQueue.Api.Tests.Authentication.Oidc;

/// <summary>Tokens of a real OpenID Connect server in place of keys.</summary>
public sealed class OidcTokenTests
{
    private const string Queues = "/v1/queues";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_token_of_the_issuer_may_what_its_claim_says_and_keys_are_good_beside_it()
    {
        await using var issuer = await OidcServer.StartAsync();
        issuer.Grants = ["verbs=read+enqueue;queues=emails", "verbs=read;queues=orders"];
        await using var api = Api(issuer);
        using var client = api.Client(await issuer.TokenOfAsync("shop"));

        (await client.PostAsync("/v1/queues/emails/jobs", Job())).StatusCode.Should().Be(HttpStatusCode.Accepted);
        var refused = await client.PostAsync("/v1/queues/orders/jobs", Job());
        refused.StatusCode.Should().Be(HttpStatusCode.Forbidden, "what two grants allow is not mixed");
        (await refused.ShouldBeProblemAsync("forbidden")).GetProperty("detail").GetString().Should().Be("'oidc:shop' may not enqueue in the queue orders.");
        (await client.GetAsync("/v1/queues/other")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await client.GetAsync("/v1/audit")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await api.Client().GetAsync("/v1/audit")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_somebody_does_is_in_the_audit_log_with_their_subject()
    {
        await using var issuer = await OidcServer.StartAsync();
        await using var api = Api(issuer);
        using var client = api.Client(issuer.Forge("ada lovelace\n|1", claims: ("k8squeue", "*")));
        (await client.PostAsync("/v1/queues/emails/pause", null)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        var audit = await (await client.GetAsync("/v1/audit")).JsonAsync();
        audit.GetProperty("entries")[0].GetProperty("key").GetString().Should().Be("oidc:ada%20lovelace%0A|1");
    }

    [Fact]
    public async Task Anything_but_a_good_token_is_401_with_the_reason()
    {
        await using var issuer = await OidcServer.StartAsync();
        await using var api = Api(issuer);
        var good = issuer.Forge();
        (await StatusAsync(api, good)).Should().Be(HttpStatusCode.OK);
        var parts = good.Split('.');
        var foreign = OidcServer.NewKey();
        var sameName = new RsaSecurityKey(foreign.Rsa) { KeyId = issuer.Key.KeyId };
        var secret = new SymmetricSecurityKey(issuer.Key.Rsa.ExportSubjectPublicKeyInfo()) { KeyId = issuer.Key.KeyId };
        (string Why, string Token)[] bad =
        [
            ("another issuer", issuer.Forge(issuer: "https://evil.example/")),
            ("another audience", issuer.Forge(audience: "other")),
            ("another audience of the server's own", await issuer.TokenOfAsync("shop", "other")),
            ("expired, and the skew over", issuer.Forge(age: TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(40))),
            ("not good yet", issuer.Forge(age: TimeSpan.FromMinutes(-5))),
            ("not signed", issuer.Forge(algorithm: null)),
            ("alg none", $"{Base64(/*lang=json*/ """{"alg":"none","typ":"JWT"}""")}.{parts[1]}."),
            ("alg none with a signature", $"{Base64(/*lang=json*/ """{"alg":"none","typ":"JWT"}""")}.{parts[1]}.{parts[2]}"),
            ("the public key as a shared secret", issuer.Forge(key: secret, algorithm: SecurityAlgorithms.HmacSha256)),
            ("an unknown key", issuer.Forge(key: foreign)),
            ("another key of a known name", issuer.Forge(key: sameName)),
            ("changed", $"{parts[0]}.{Base64($$"""{"iss":"{{issuer.Issuer}}","aud":"k8squeue","sub":"root","exp":4102444800,"k8squeue":"*"}""")}.{parts[2]}"),
            ("without a subject", issuer.Forge(subject: null)),
            ("no token at all", "eyJhbGciOi.x.y"),
        ];
        foreach (var (why, token) in bad)
        {
            using var response = await api.Client(token).GetAsync(Queues);
            response.StatusCode.Should().Be(HttpStatusCode.Unauthorized, why);
            response.Headers.WwwAuthenticate.ToString().Should().StartWith("Bearer", why);
            await response.ShouldBeProblemAsync("unauthenticated");
        }

        (await StatusAsync(api, issuer.Forge(age: TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(5)))).Should().Be(HttpStatusCode.OK, "clocks may differ by 30 s");
    }

    [Fact]
    public async Task A_key_that_the_issuer_changes_is_learned_by_itself_and_the_old_one_forgotten()
    {
        await using var issuer = await OidcServer.StartAsync();
        await using var api = Api(issuer);
        var old = issuer.Forge();
        (await StatusAsync(api, old)).Should().Be(HttpStatusCode.OK);

        await issuer.StopAsync();
        (await StatusAsync(api, old)).Should().Be(HttpStatusCode.OK, "keys that were read are good while the issuer is down");
        await issuer.StartAgainAsync(OidcServer.NewKey());

        await Eventually.Passes(async () => (await StatusAsync(api, issuer.Forge())).Should().Be(HttpStatusCode.OK), Patience);
        (await StatusAsync(api, old)).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_issuer_that_is_down_at_the_start_is_said_and_keys_are_good_and_so_are_tokens_once_it_is_there()
    {
        await using var issuer = OidcServer.Create();
        var logs = new LogCollector();
        await using var api = Api(issuer, logs);
        using var client = api.Client(issuer.Forge(claims: ("k8squeue", "*")));
        (await api.Client().GetAsync(Queues)).StatusCode.Should().Be(HttpStatusCode.OK);
        for (var i = 0; i < 3; i++)
        {
            using var response = await client.GetAsync(Queues);
            response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(2));
            (await response.ShouldBeProblemAsync("issuer-unavailable")).GetProperty("detail").GetString().Should().StartWith($"The keys of the issuer {issuer.Issuer} can't be read: ");
        }

        logs.Entries.Count(entry => entry.StartsWith("Warning", StringComparison.Ordinal) && entry.Contains("Tokens are refused until they can", StringComparison.Ordinal)).Should().Be(1);

        await issuer.StartAgainAsync();
        await Eventually.Passes(async () => (await client.GetAsync(Queues)).StatusCode.Should().Be(HttpStatusCode.OK), Patience);
    }

    [Fact]
    public async Task An_address_that_is_another_issuers_is_said()
    {
        await using var issuer = await OidcServer.StartAsync();
        var address = issuer.Issuer.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        await using var api = new TestApi((OidcOptions.IssuerVariable, address), (OidcOptions.AudienceVariable, OidcServer.Audience));
        using var response = await api.Client(issuer.Forge()).GetAsync(Queues);
        (await response.ShouldBeProblemAsync("issuer-unavailable")).GetProperty("detail").GetString().Should().Contain($"says that it is '{issuer.Issuer}'");
    }

    [Fact]
    public async Task A_token_that_grants_nothing_is_known_and_may_nothing()
    {
        await using var issuer = await OidcServer.StartAsync();
        issuer.Grants = ["admins"];
        await using var api = Api(issuer);
        using var response = await api.Client(await issuer.TokenOfAsync("shop")).GetAsync(Queues);
        (await response.ShouldBeProblemAsync("forbidden")).GetProperty("detail").GetString().Should().Be("'oidc:shop' may not read.");
    }

    [Fact]
    public async Task A_group_whose_name_has_spaces_is_none_of_the_words_of_its_name()
    {
        await using var issuer = await OidcServer.StartAsync();
        await using var api = new TestApi(
            (OidcOptions.IssuerVariable, issuer.Issuer), (OidcOptions.AudienceVariable, OidcServer.Audience),
            (OidcOptions.GrantsVariable, """{"admins":"*","Shop readers":"verbs=read"}"""));
        (await AnswerAsync("Shop admins", "staff")).Should().Be(HttpStatusCode.Forbidden);
        (await AnswerAsync("Shop readers", "staff")).Should().Be(HttpStatusCode.OK);
        (await AnswerAsync("Shop admins", "admins")).Should().Be(HttpStatusCode.OK);

        async Task<HttpStatusCode> AnswerAsync(params string[] groups) =>
            (await api.Client(issuer.Forge(claims: ("k8squeue", groups))).GetAsync(Queues)).StatusCode;
    }

    [Fact]
    public async Task Without_keys_an_issuer_is_enough_and_with_anonymous_it_is_refused()
    {
        await using var issuer = await OidcServer.StartAsync();
        await using var api = new TestApi(
            (ApiOptions.KeysVariable, null), (OidcOptions.IssuerVariable, issuer.Issuer), (OidcOptions.AudienceVariable, OidcServer.Audience));
        (await StatusAsync(api, issuer.Forge(claims: ("k8squeue", "*")))).Should().Be(HttpStatusCode.OK);
        (await api.CreateClient().GetAsync(Queues)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);

        var build = () => ApiHost.Build(
            ["--K8SQUEUE_REDIS_ADDRESS=127.0.0.1:1", "--K8SQUEUE_API_ANONYMOUS=true", $"--{OidcOptions.IssuerVariable}={issuer.Issuer}", $"--{OidcOptions.AudienceVariable}=a"]);
        build.Should().Throw<ApiConfigurationException>().WithMessage("*both configured*");
    }

    private static TestApi Api(OidcServer issuer, LogCollector? logs = null) =>
        new((OidcOptions.IssuerVariable, issuer.Issuer), (OidcOptions.AudienceVariable, OidcServer.Audience)) { Logs = logs };

    private static async Task<HttpStatusCode> StatusAsync(TestApi api, string token)
    {
        using var response = await api.Client(token).GetAsync("/v1/jobs/17");

        // Who is known hears that it is no id, or that they may not read.
        return response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden ? HttpStatusCode.OK : response.StatusCode;
    }

    private static StringContent Job() => new("""{"type":"t"}""", Encoding.UTF8, "application/json");

    private static string Base64(string text) => Base64UrlEncoder.Encode(text);
}
