using System.Net;
using System.Web;
using K8sQueue.Api.Audit;
using K8sQueue.Api.Authentication.Oidc;
using K8sQueue.Api.Dashboard.Login;
using K8sQueue.Api.Tests.Authentication.Oidc;
using K8sQueue.Core.InMemory;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>Logging in to the dashboard at a real OpenID Connect server, hop by hop as a browser does.</summary>
public sealed class OidcLoginTests
{
    [Fact]
    public async Task Somebody_logs_in_there_and_sees_and_does_what_their_claim_allows()
    {
        await using var issuer = await OidcServer.StartAsync();
        issuer.Grants = ["verbs=read;queues=emails"];
        var (started, queue) = await KestrelApi.StartAsync(new InMemoryJobQueue(), null, Settings(issuer));
        await using var api = started;
        await queue.EnqueueAsync([new Core.Jobs.JobRequest { Queue = "emails", Type = "t" }, new Core.Jobs.JobRequest { Queue = "other", Type = "t" }], CancellationToken.None);
        using var browser = new Hops(api.Address);

        var login = await browser.GetAsync("/login?to=%2Fqueues%2Femails");
        (await login.Content.ReadAsStringAsync()).Should().Contain("href=\"/login/oidc?to=%2Fqueues%2Femails\"");
        var end = await LogInAsync(browser, "/queues/emails");
        (await end.Content.ReadAsStringAsync()).Should().Contain("http-equiv=\"refresh\" content=\"0; url=/queues/emails\"", "the cookie is strict, and comes with the next request");

        (await browser.GetAsync("/queues/emails")).StatusCode.Should().Be(HttpStatusCode.OK);
        var page = await (await browser.GetAsync("/")).Content.ReadAsStringAsync();
        page.Should().Contain("oidc:ada").And.Contain("href=\"/queues/emails\"").And.NotContain("href=\"/queues/other\"");
        (await browser.GetAsync("/queues/other")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await browser.PostAsync("/queues/emails/pause")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await browser.GetAsync("/v1/queues")).StatusCode.Should().Be(HttpStatusCode.Unauthorized, "the cookie is good for the dashboard alone");
    }

    [Fact]
    public async Task The_request_has_PKCE_state_and_nonce_and_leads_back_here()
    {
        await using var issuer = await OidcServer.StartAsync();
        await using var api = await ApiAsync(issuer);
        using var browser = new Hops(api.Address);
        var start = await StartAsync(browser, "/login/oidc?to=/");
        var query = HttpUtility.ParseQueryString(start.Headers.Location!.Query);
        query["response_type"].Should().Be("code");
        query["code_challenge_method"].Should().Be("S256");
        query["code_challenge"].Should().NotBeNullOrEmpty();
        query["state"].Should().NotBeNullOrEmpty();
        query["nonce"].Should().NotBeNullOrEmpty();
        query["client_id"].Should().Be(OidcServer.Dashboard);
        query["redirect_uri"].Should().Be(new Uri(api.Address, OidcLogin.CallbackPath).ToString());
        start.Headers.GetValues("Set-Cookie").Should().OnlyContain(cookie => cookie.Contains("httponly", StringComparison.Ordinal) && cookie.Contains("samesite=lax", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Behind_a_proxy_a_login_leads_back_to_the_address_that_is_set()
    {
        await using var issuer = await OidcServer.StartAsync();
        await using var api = await ApiAsync(issuer, "--K8SQUEUE_DASHBOARD_URL=https://queue.example.com/");
        using var browser = new Hops(api.Address);
        var start = await StartAsync(browser, "/login/oidc");
        HttpUtility.ParseQueryString(start.Headers.Location!.Query)["redirect_uri"].Should().Be("https://queue.example.com/login/callback");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60 * 24)]
    public async Task A_login_ends_no_later_than_its_token_and_its_own_time(int minutes)
    {
        await using var issuer = OidcServer.Create();
        issuer.IdTokenLifetime = TimeSpan.FromMinutes(minutes);
        await issuer.StartAgainAsync();
        await using var api = await ApiAsync(issuer);
        using var browser = new Hops(api.Address);
        var before = TimeProvider.System.GetUtcNow();
        var end = await LogInAsync(browser, "/");
        var cookie = end.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("k8squeue=", StringComparison.Ordinal));
        var most = Math.Min(minutes * 60, SessionTicket.Lifetime.TotalSeconds);
        var maxAge = int.Parse(cookie.Split("max-age=")[1].Split(';')[0], System.Globalization.CultureInfo.InvariantCulture);
        maxAge.Should().BeInRange((int)most - 30, (int)most);

        var text = cookie.Split(';')[0].Split('=', 2)[1];
        api.Services.GetRequiredService<SessionProtector>().TryUnprotect(text, out var ticket).Should().BeTrue();
        ticket!.ExpiresAt.Should().BeOnOrBefore(before.AddSeconds(most + 30)).And.BeAfter(before);
        ticket.Name.Should().Be("oidc:ada");
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("/login/oidc")]
    public async Task A_login_leads_to_no_other_host(string to)
    {
        await using var issuer = await OidcServer.StartAsync();
        await using var api = await ApiAsync(issuer);
        using var browser = new Hops(api.Address);
        var end = await LogInAsync(browser, to);
        (await end.Content.ReadAsStringAsync()).Should().Contain("content=\"0; url=/\"").And.NotContain("evil");
    }

    [Fact]
    public async Task Answers_that_nobody_asked_for_are_refused()
    {
        await using var issuer = await OidcServer.StartAsync();
        await using var api = await ApiAsync(issuer);
        using var browser = new Hops(api.Address);
        foreach (var query in new[] { "", "?code=x", "?code=x&state=y", "?error=access_denied&state=y" })
            await ShouldRefuseAsync(await browser.GetAsync(OidcLogin.CallbackPath + query), HttpStatusCode.Unauthorized);

        // The answer to a login that another browser began.
        using var other = new Hops(api.Address);
        var start = await StartAsync(other, "/login/oidc");
        var answer = await other.GetAsync(start.Headers.Location!);
        await ShouldRefuseAsync(await browser.GetAsync(answer.Headers.Location!), HttpStatusCode.Unauthorized);

        // The answer of the server for a code that was used.
        (await other.GetAsync(answer.Headers.Location!)).StatusCode.Should().Be(HttpStatusCode.OK);
        await ShouldRefuseAsync(await other.GetAsync(answer.Headers.Location!), HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Who_may_do_nothing_is_not_logged_in_and_told_so()
    {
        await using var issuer = await OidcServer.StartAsync();
        issuer.Grants = ["staff"];
        await using var api = await ApiAsync(issuer);
        using var browser = new Hops(api.Address);
        var end = await LogInAsync(browser, "/");
        (await ShouldRefuseAsync(end, HttpStatusCode.Forbidden)).Should().Contain("says nothing of what you may do here");
    }

    [Fact]
    public async Task An_issuer_that_is_down_is_said_and_keys_log_in()
    {
        await using var issuer = OidcServer.Create();
        await using var api = await ApiAsync(issuer);
        using var browser = new Hops(api.Address);
        var start = await browser.GetAsync("/login/oidc");
        start.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await start.Content.ReadAsStringAsync()).Should().Contain("The identity provider does not answer.");
        (await browser.PostAsync("/login", ("key", api.Secret))).StatusCode.Should().Be(HttpStatusCode.Redirect);
        (await browser.GetAsync("/")).StatusCode.Should().Be(HttpStatusCode.OK);

        await issuer.StartAgainAsync();
        using var another = new Hops(api.Address);
        await LogInAsync(another, "/");
        (await another.GetAsync("/")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_login_holds_over_replicas_of_one_secret_and_no_other_client()
    {
        await using var issuer = await OidcServer.StartAsync();
        const string secret = "--K8SQUEUE_DASHBOARD_SECRET=0123456789012345678901234567890123456789";
        await using var one = await ApiAsync(issuer, secret);
        await using var two = await ApiAsync(issuer, secret);
        await using var other = await ApiAsync(issuer, secret, $"--{OidcOptions.ClientIdVariable}=another");
        using var browser = new Hops(one.Address);
        await LogInAsync(browser, "/");
        (await browser.GetAsync(two.Address)).StatusCode.Should().Be(HttpStatusCode.OK);
        (await browser.GetAsync(other.Address)).StatusCode.Should().Be(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task A_clients_secret_that_is_rotated_is_sent_without_a_restart()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "first");
            await using var issuer = await OidcServer.StartAsync();
            issuer.DashboardSecret = "first";
            await using var api = await ApiAsync(issuer, $"--{OidcOptions.ClientSecretFileVariable}={file}");
            using var browser = new Hops(api.Address);
            (await LogInAsync(browser, "/")).StatusCode.Should().Be(HttpStatusCode.OK);

            issuer.DashboardSecret = "second";
            (await LogInAsync(browser, "/")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
            await File.WriteAllTextAsync(file, "second\n");

            await Eventually.IsTrue(async () => (await LogInAsync(browser, "/")).StatusCode == HttpStatusCode.OK, TimeSpan.FromSeconds(30));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Logins_and_refusals_are_in_the_audit_log_with_the_subject()
    {
        await using var issuer = await OidcServer.StartAsync();
        var (started, queue) = await KestrelApi.StartAsync(new InMemoryJobQueue(), null, Settings(issuer));
        await using var api = started;
        using var browser = new Hops(api.Address);
        await LogInAsync(browser, "/");
        issuer.Grants = ["staff"];
        await LogInAsync(browser, "/");
        await browser.GetAsync(OidcLogin.CallbackPath + "?error=access_denied&error_description=evil");

        var entries = await queue.Audit.ListAsync(before: null, 10, CancellationToken.None);
        entries.Select(entry => entry.Act).Should().OnlyContain(act => act.Verb == LoginAudit.Verb && act.Route == OidcLogin.CallbackPath && act.Address == "127.0.0.1");
        entries.Select(entry => (entry.Act.Key, entry.Act.Status)).Should().Equal(("", 401), ("oidc:ada", 403), ("oidc:ada", 200));
        entries[1].Act.Reason.Should().Contain("says nothing of what you may do here");
        entries[0].Act.Reason.Should().NotBeNullOrEmpty().And.NotContain("evil");
    }

    [Fact]
    public async Task A_refused_login_is_one_line_of_the_log_with_what_is_known_of_it()
    {
        await using var issuer = await OidcServer.StartAsync();
        var logs = new LogCollector();
        var (started, _) = await KestrelApi.StartAsync(
            new InMemoryJobQueue(), services => services.AddSingleton<ILoggerProvider>(logs), Settings(issuer));
        await using var api = started;
        using var browser = new Hops(api.Address);
        await browser.GetAsync(OidcLogin.CallbackPath + "?code=x");
        issuer.Grants = ["staff"];
        await LogInAsync(browser, "/");

        logs.Entries.Should().ContainSingle(entry => entry.Contains("The login was not good", StringComparison.Ordinal))
            .Which.Should().StartWith($"Information {AuditMiddleware.Category}: ").And.Contain("status=401").And.NotContain("detail=(null)");
        logs.Entries.Should().ContainSingle(entry => entry.Contains("oidc:ada", StringComparison.Ordinal)).Which.Should().Contain("status=403");
    }

    [Fact]
    public async Task The_issuers_own_logout_is_a_link_away()
    {
        await using var issuer = await OidcServer.StartAsync();
        await using var api = await ApiAsync(issuer);
        using var browser = new Hops(api.Address);
        (await (await browser.GetAsync("/login")).Content.ReadAsStringAsync()).Should().Contain("href=\"/login/oidc/logout\"");

        var logout = await StartAsync(browser, LoginEndpoints.OidcLogoutPath);

        logout.Headers.Location.Should().Be($"{issuer.Issuer}connect/logout?client_id={OidcServer.Dashboard}");
        (await (await browser.GetAsync(logout.Headers.Location!)).Content.ReadAsStringAsync()).Should().Be("Do you want to log out?");
    }

    [Fact]
    public async Task An_issuer_without_a_logout_or_that_is_down_is_said()
    {
        await using var issuer = OidcServer.Create();
        issuer.HasLogout = false;
        await using var api = await ApiAsync(issuer);
        using var browser = new Hops(api.Address);
        (await browser.GetAsync(LoginEndpoints.OidcLogoutPath)).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);

        await issuer.StartAgainAsync();

        await Eventually.Passes(
            async () =>
            {
                var answer = await browser.GetAsync(LoginEndpoints.OidcLogoutPath);
                answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
                (await answer.Content.ReadAsStringAsync()).Should().Contain("The identity provider has no logout.");
            },
            TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Without_a_client_there_is_no_such_login()
    {
        await using var api = new TestApi();
        var visitor = new Visitor(api);
        (await visitor.ReadAsync("/login")).Should().NotContain("/login/oidc");
        (await visitor.GetAsync("/login/oidc")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await visitor.GetAsync(LoginEndpoints.OidcLogoutPath)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    private static async Task<KestrelApi> ApiAsync(OidcServer issuer, params string[] settings) =>
        (await KestrelApi.StartAsync(new InMemoryJobQueue(), null, Settings(issuer, settings))).Api;

    private static string[] Settings(OidcServer issuer, params string[] settings) =>
        [$"--{OidcOptions.IssuerVariable}={issuer.Issuer}", $"--{OidcOptions.ClientIdVariable}={OidcServer.Dashboard}", .. settings];

    private static async Task<HttpResponseMessage> LogInAsync(Hops browser, string to)
    {
        var start = await StartAsync(browser, $"/login/oidc?to={Uri.EscapeDataString(to)}");
        var answer = await browser.GetAsync(start.Headers.Location!);
        answer.StatusCode.Should().Be(HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
        return await browser.GetAsync(answer.Headers.Location!);
    }

    // An issuer that has just started may be slow.
    private static async Task<HttpResponseMessage> StartAsync(Hops browser, string path)
    {
        var start = new HttpResponseMessage();
        await Eventually.Passes(
            async () =>
            {
                start = await browser.GetAsync(path);
                start.StatusCode.Should().Be(HttpStatusCode.Redirect, await start.Content.ReadAsStringAsync());
            },
            TimeSpan.FromSeconds(30));
        return start;
    }

    private static async Task<string> ShouldRefuseAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var html = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(status, html);
        html.Should().Contain("role=\"alert\"");

        // The page has the form for keys, which is sent from here: with the headers of the API it would come from nowhere.
        response.Headers.GetValues("Referrer-Policy").Should().Equal("same-origin");
        response.Headers.GetValues("Content-Security-Policy").Single().Should().Contain("form-action 'self'").And.Contain("style-src 'self'");
        if (response.Headers.TryGetValues("Set-Cookie", out var cookies))
            cookies.Should().NotContain(cookie => cookie.StartsWith("k8squeue=", StringComparison.Ordinal));
        return html;
    }

    /// <summary>A browser that shows each redirect.</summary>
    private sealed class Hops : IDisposable
    {
        private readonly HttpClient _client;

        public Hops(Uri address)
        {
            var handler = new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() };
            _client = new HttpClient(handler) { BaseAddress = address };
            _client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        }

        public Task<HttpResponseMessage> GetAsync(string path) => _client.GetAsync(new Uri(path, UriKind.Relative));

        public Task<HttpResponseMessage> GetAsync(Uri address) => _client.GetAsync(address);

        public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) => _client.PostAsync(
            new Uri(path, UriKind.Relative), new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

        public void Dispose() => _client.Dispose();
    }
}
