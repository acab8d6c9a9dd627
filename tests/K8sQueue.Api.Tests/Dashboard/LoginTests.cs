using System.Net;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard;
using K8sQueue.Api.Dashboard.Login;
using K8sQueue.Api.Hosting;
using K8sQueue.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Api.Tests.Dashboard;

public sealed class LoginTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task A_key_logs_in_and_leads_to_the_page_that_was_wanted()
    {
        await using var api = new TestApi();
        var visitor = new Visitor(api);
        var asked = await visitor.GetAsync("/queues/emails?span=day");
        asked.Headers.Location!.ToString().Should().Be("/login?to=%2Fqueues%2Femails%3Fspan%3Dday");
        (await visitor.ReadAsync(asked.Headers.Location.ToString())).Should().Contain("value=\"/queues/emails?span=day\"");

        var response = await visitor.PostAsync("/login", ("key", $" {api.Secret} "), ("to", "/queues/emails?span=day"));

        response.Headers.Location!.ToString().Should().Be("/queues/emails?span=day");
        var cookie = response.Headers.GetValues("Set-Cookie").Single();
        cookie.Should().StartWith("k8squeue=").And.Contain("httponly").And.Contain("samesite=strict").And.Contain("path=/")
            .And.NotContain("secure").And.NotContain(api.Secret);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k8sq_wrong")]
    [InlineData(null)]
    public async Task Another_key_does_not(string? key)
    {
        await using var api = new TestApi();
        var response = await new Visitor(api).PostAsync("/login", ("key", key ?? new string('x', 5000)));
        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        response.Headers.Contains("Set-Cookie").Should().BeFalse();
        (await response.Content.ReadAsStringAsync()).Should().Contain("The API key is not known.");
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=x", 100, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/form-data; boundary=x", 1_000_000, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("text/plain", 100, HttpStatusCode.UnsupportedMediaType)]
    [InlineData(null, 100, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-www-form-urlencoded", 20_000, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("application/x-www-form-urlencoded; charset=utf-8", 100, HttpStatusCode.Unauthorized)]
    public async Task Nobody_has_the_login_read_more_than_a_small_form_or_put_it_on_the_disk(string? type, int bytes, HttpStatusCode status)
    {
        await using var api = new TestApi();
        var body = type is not null && type.StartsWith("multipart", StringComparison.Ordinal)
            ? $"--x\r\nContent-Disposition: form-data; name=\"key\"; filename=\"f\"\r\n\r\n{new string('a', bytes)}\r\n--x--\r\n"
            : "key=" + new string('a', bytes);
        (await SendAsync(new StringContent(body))).Should().Be(status);
        (await SendAsync(new UnknownLength(body))).Should().Be(status == HttpStatusCode.RequestEntityTooLarge && type!.StartsWith("multipart", StringComparison.Ordinal)
            ? HttpStatusCode.UnsupportedMediaType
            : status);

        async Task<HttpStatusCode> SendAsync(HttpContent content)
        {
            content.Headers.Remove("Content-Type");
            if (type is not null)
                content.Headers.TryAddWithoutValidation("Content-Type", type);
            using var login = new HttpRequestMessage(HttpMethod.Post, "/login");
            login.Content = content;
            login.Headers.Add("Sec-Fetch-Site", "same-origin");
            return (await api.CreateClient().SendAsync(login)).StatusCode;
        }
    }

    [Fact]
    public async Task Behind_a_proxy_with_tls_the_cookie_is_of_this_host_alone_and_no_other_counts()
    {
        await using var api = new TestApi();
        var client = api.CreateClient();
        using var login = new HttpRequestMessage(HttpMethod.Post, "/login");
        login.Content = new FormUrlEncodedContent([KeyValuePair.Create("key", api.Secret)]);
        login.Headers.Add("Sec-Fetch-Site", "same-origin");
        login.Headers.Add("X-Forwarded-Proto", "https");
        var cookie = (await client.SendAsync(login)).Headers.GetValues("Set-Cookie").Single();
        cookie.Should().StartWith("__Host-k8squeue=").And.Contain("secure");
        var value = cookie.Split(';')[0].Split('=', 2)[1];

        (await StatusAsync($"__Host-k8squeue={value}")).Should().Be(HttpStatusCode.OK);
        (await StatusAsync($"k8squeue={value}")).Should().Be(HttpStatusCode.Redirect);

        async Task<HttpStatusCode> StatusAsync(string sent)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Add("Cookie", sent);
            request.Headers.Add("X-Forwarded-Proto", "https");
            return (await client.SendAsync(request)).StatusCode;
        }
    }

    [Fact]
    public async Task A_key_that_is_taken_back_ends_its_logins_and_so_does_another_key_of_its_name()
    {
        var file = Path.GetTempFileName();
        try
        {
            var (secret, key) = ApiKey.Create("on-call");
            await File.WriteAllTextAsync(file, key.Line);
            await using var api = new TestApi((ApiOptions.KeysVariable, null), (ApiOptions.KeysFileVariable, file));
            var visitor = new Visitor(api);
            var login = await visitor.PostAsync("/login", ("key", secret));
            visitor.Cookie = login.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
            (await visitor.GetAsync("/")).StatusCode.Should().Be(HttpStatusCode.OK);

            await File.WriteAllTextAsync(file, ApiKey.Create("on-call").Key.Line);

            await Testing.Eventually.IsTrue(async () => (await visitor.GetAsync("/")).StatusCode == HttpStatusCode.Redirect);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Logging_out_takes_the_cookie_away()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var response = await visitor.PostAsync("/logout");
        response.Headers.Location!.ToString().Should().Be("/login");
        response.Headers.GetValues("Set-Cookie").Single().Should().StartWith("k8squeue=;").And.Contain("max-age=0");
    }

    [Fact]
    public async Task A_click_on_another_sites_link_is_asked_for_again_since_the_cookie_did_not_come_with_it()
    {
        await using var api = new TestApi();
        var visitor = new Visitor(api) { Site = "cross-site" };
        (await visitor.ReadAsync("/login?to=%2Fqueues%2Fq")).Should().Contain("http-equiv=\"refresh\" content=\"0; url=/queues/q\"");
        visitor.Site = "same-origin";
        (await visitor.ReadAsync("/login?to=%2Fqueues%2Fq")).Should().NotContain("http-equiv");
    }

    [Theory]
    [InlineData("/queues/q?a=b", "/queues/q?a=b")]
    [InlineData("/", "/")]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("/a\\..\\b", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("/login?to=/login", "/")]
    public void A_login_leads_to_this_host_alone(string? wanted, string address) => ReturnAddress.Local(wanted).Should().Be(address);

    [Theory]
    [InlineData("same-origin", null, true)]
    [InlineData("cross-site", "http://dash.example:8080", false)]
    [InlineData("none", "http://dash.example:8080", false)]
    [InlineData(null, "http://dash.example:8080", true)]
    [InlineData(null, "https://dash.example:8080", true)]
    [InlineData(null, "http://DASH.example:8080", true)]
    [InlineData(null, "http://dash.example", false)]
    [InlineData(null, "http://dash.example:8080.evil.example", false)]
    [InlineData(null, "http://evil.example:8080", false)]
    [InlineData(null, "null", false)]
    [InlineData(null, "", false)]
    [InlineData(null, null, false)]
    public void Where_a_form_comes_from_is_what_the_browser_says(string? site, string? origin, bool allowed)
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString("dash.example:8080");
        if (site is not null)
            request.Headers["Sec-Fetch-Site"] = site;
        if (origin is not null)
            request.Headers.Origin = origin;
        SameOrigin.Allows(request).Should().Be(allowed);
    }

    [Fact]
    public void A_ticket_is_read_under_the_same_secret_alone_and_only_whole()
    {
        var ticket = new SessionTicket("on-call", ApiKey.HashOf("key")[..16], DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        var text = Protector(Secret).Protect(ticket);

        Protector(Secret).TryUnprotect(text, out var read).Should().BeTrue();
        read.Should().BeEquivalentTo(ticket);
        text.Should().NotBe(Protector(Secret).Protect(ticket), "each has a nonce of its own");
        Protector(Secret + "x").TryUnprotect(text, out _).Should().BeFalse();
        Protector(null).TryUnprotect(text, out _).Should().BeFalse();
        for (var i = 0; i < text.Length - 1; i++)
        {
            var changed = string.Concat(text.AsSpan(0, i), text[i] == 'A' ? "B" : "A", text.AsSpan(i + 1));
            Protector(Secret).TryUnprotect(changed, out _).Should().BeFalse($"character {i} was changed");
        }

        foreach (var other in new[] { "", "x", "!!!!", text[..20], text + text, new string('A', 100_000) })
            Protector(Secret).TryUnprotect(other, out _).Should().BeFalse(other);
    }

    [Fact]
    public async Task A_ticket_ends_after_its_time_and_holds_over_replicas_of_one_secret()
    {
        await using var first = new TestApi((DashboardOptions.SecretVariable, Secret));
        var visitor = await Visitor.LoggedInAsync(first);
        (await visitor.GetAsync("/")).StatusCode.Should().Be(HttpStatusCode.OK);

        var past = new SessionTicket("tests", ApiKey.HashOf(first.Secret)[..16], DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
        visitor.Cookie = $"k8squeue={Protector(Secret).Protect(past)}";
        (await visitor.GetAsync("/")).StatusCode.Should().Be(HttpStatusCode.Redirect);
        visitor.Cookie = $"k8squeue={Protector(Secret).Protect(past with { ExpiresAt = TimeProvider.System.GetUtcNow().AddMinutes(1) })}";
        (await visitor.GetAsync("/")).StatusCode.Should().Be(HttpStatusCode.OK, "another replica made this one");
    }

    [Fact]
    public async Task A_secret_that_is_rotated_ends_logins_and_protects_new_ones_without_a_restart()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, Secret);
            await using var api = new TestApi((DashboardOptions.SecretFileVariable, file));
            var visitor = await Visitor.LoggedInAsync(api);
            (await visitor.GetAsync("/")).StatusCode.Should().Be(HttpStatusCode.OK);

            await File.WriteAllTextAsync(file, Secret + "-rotated");
            await Eventually.IsTrue(async () => (await visitor.GetAsync("/")).StatusCode == HttpStatusCode.Redirect);

            var again = await Visitor.LoggedInAsync(api);
            (await again.GetAsync("/")).StatusCode.Should().Be(HttpStatusCode.OK);
            Protector(Secret + "-rotated").TryUnprotect(again.Cookie!.Split('=', 2)[1], out _).Should().BeTrue("the new value protects it");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_file_that_has_no_good_secret_any_more_leaves_the_last_one_and_is_logged_once()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Secret);
            using var logs = new LogCollector();
            var time = new ManualTimeProvider();
            var setting = SecretSetting.From(
                new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>("S_FILE", file)]).Build(), "S", DashboardOptions.MinSecretBytes)!;
            var secret = new RotatedSecret(setting, time, logs.CreateLogger("test"));
            foreach (var text in new[] { "", "too short", null })
            {
                if (text is null)
                    File.Delete(file);
                else
                    File.WriteAllText(file, text);
                time.Advance(RotatedSecret.Interval);
                secret.Text.Should().Be(Secret);
                time.Advance(RotatedSecret.Interval);
                secret.Text.Should().Be(Secret);
            }

            logs.Entries.Should().HaveCount(3).And.OnlyContain(entry => entry.StartsWith("Error", StringComparison.Ordinal) && !entry.Contains(Secret, StringComparison.Ordinal));
            File.WriteAllText(file, $" {Secret}2\n");
            secret.Text.Should().Be(Secret, "it was read just now");
            time.Advance(RotatedSecret.Interval);
            secret.Text.Should().Be(Secret + "2");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(DashboardOptions.SecretVariable, "too short", "*must have 32 at least*")]
    [InlineData(DashboardOptions.SecretFileVariable, "/nowhere/secret", "*can't be read*")]
    [InlineData(DashboardOptions.SecretFileVariable, "/dev/null", "*is empty*")]
    public void A_secret_that_is_none_is_refused_at_the_start(string variable, string value, string message)
    {
        var build = () => ApiHost.Build(
            ["--K8SQUEUE_REDIS_ADDRESS=127.0.0.1:1", $"--{ApiOptions.KeysVariable}={ApiKey.Create("a").Key.Line}", $"--{variable}={value}"]);
        build.Should().Throw<ApiConfigurationException>().WithMessage(message);
    }

    private static SessionProtector Protector(string? secret) => new(
        DashboardOptions.From(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(DashboardOptions.SecretVariable, secret)]).Build()),
        TimeProvider.System,
        NullLogger<SessionProtector>.Instance);

    /// <summary>A body whose length is not said.</summary>
    private sealed class UnknownLength(string text) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text)).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
