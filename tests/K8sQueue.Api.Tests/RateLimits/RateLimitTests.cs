using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.RateLimits;
using K8sQueue.Api.Tests.Dashboard;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace K8sQueue.Api.Tests.RateLimits;

/// <summary>Limits of requests over a real cache that is killed and comes back.</summary>
public sealed class RateLimitTests
{
    private const string Cache = "K8SQUEUE_CACHE_REDIS_ADDRESS";
    private const string Queues = "/v1/queues";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Replicas_share_the_limit_of_a_key_and_say_when_to_come_again()
    {
        await using var cache = await RedisServer.StartAsync();
        var (secret, key) = ApiKey.Create("shop");
        string[] settings =
        [
            $"--{Cache}={cache.Address}", $"--{ApiOptions.KeysVariable}={key.Line}", $"--{RateLimitOptions.KeyRateVariable}=1", $"--{RateLimitOptions.KeyBurstVariable}=20",
        ];

        // By it no lease is late, however long the process is held up.
        var time = new ManualTimeProvider();
        Action<IServiceCollection> timed = services => services.AddSingleton<TimeProvider>(time);
        var (one, _) = await KestrelApi.StartAsync(null, timed, settings);
        await using var first = one;
        var (two, _) = await KestrelApi.StartAsync(null, timed, settings);
        await using var second = two;
        await ShouldLeaseAsync(one.Services);
        await ShouldLeaseAsync(two.Services);
        using HttpClient a = Client(one, secret), b = Client(two, secret);
        var watch = Stopwatch.StartNew();
        var (admitted, refused) = (0, 0);

        // As many as it takes: the server's own clock goes on.
        for (var i = 0; i < 1000 && refused < 40; i++)
        {
            using var response = await (i % 2 == 0 ? a : b).GetAsync(Queues);
            response.Headers.GetValues("RateLimit-Policy").Should().Equal("\"key\";q=20;w=20");
            if (response.StatusCode == HttpStatusCode.OK)
            {
                admitted++;
                response.Headers.GetValues("RateLimit").Single().Should().MatchRegex("^\"key\";r=[0-9]+;t=[0-9]+$");
                continue;
            }

            refused++;
            response.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
            response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
            response.Headers.GetValues("RateLimit").Should().Equal("\"key\";r=0;t=1");
            var problem = await response.ShouldBeProblemAsync("rate-limited");
            problem.GetProperty("detail").GetString().Should().Be("A key may send 1 requests a second, and 20 at once.");
        }

        admitted.Should().BeInRange(20, 20 + (int)Math.Ceiling(watch.Elapsed.TotalSeconds));
        refused.Should().Be(40);
        await Eventually.IsTrue(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return (await a.GetAsync(Queues)).IsSuccessStatusCode;
            },
            Patience);
    }

    [Fact]
    public async Task A_busy_key_costs_the_cache_a_call_for_many_requests()
    {
        await using var cache = await RedisServer.StartAsync();

        // By a clock that stands still all requests come at once.
        await using var api = new TestApi((Cache, cache.Address), (RateLimitOptions.KeyRateVariable, "100000")) { Time = new ManualTimeProvider() };
        await ShouldLeaseAsync(api.Services);
        using var client = api.Client();
        for (var i = 0; i < 1000; i++)
            (await client.GetAsync(Queues)).StatusCode.Should().Be(HttpStatusCode.OK);

        using var driver = await ConnectionMultiplexer.ConnectAsync(cache.Address + ",allowAdmin=true");
        var calls = (await driver.GetServer(cache.Address).InfoAsync("commandstats")).SelectMany(group => group)
            .Where(entry => entry.Key is "cmdstat_evalsha" or "cmdstat_eval").Sum(entry => int.Parse(entry.Value.Split(',')[0].Split('=')[1], System.Globalization.CultureInfo.InvariantCulture));
        calls.Should().BeInRange(1, 200);
    }

    [Fact]
    public async Task Requests_without_a_good_key_take_from_their_address_and_good_ones_there_do_not()
    {
        await using var cache = await RedisServer.StartAsync();
        await using var api = new TestApi((Cache, cache.Address), (RateLimitOptions.AddressRateVariable, "1"), (RateLimitOptions.AddressBurstVariable, "5"));
        using var stranger = api.Client("k8sq_guess");
        var answers = new List<HttpStatusCode>();
        await Eventually.IsTrue(async () =>
        {
            answers.Add((await stranger.GetAsync(Queues)).StatusCode);
            return answers[^1] == HttpStatusCode.TooManyRequests;
        });
        answers.Count(status => status == HttpStatusCode.Unauthorized).Should().BeGreaterThanOrEqualTo(5);
        await Eventually.Passes(async () =>
        {
            var problem = await (await stranger.GetAsync(Queues)).ShouldBeProblemAsync("rate-limited");
            problem.GetProperty("detail").GetString().Should().StartWith("An address without a good key may send 1 ");
        });

        (await api.Client().GetAsync(Queues)).StatusCode.Should().Be(HttpStatusCode.OK);
        await Eventually.Passes(async () =>
        {
            var login = await new Visitor(api).PostAsync("/login", ("key", "guess"));
            login.StatusCode.Should().Be(HttpStatusCode.TooManyRequests, "guesses at the login are counted too");
            login.Content.Headers.ContentType!.MediaType.Should().Be("text/html");
            login.Headers.RetryAfter.Should().NotBeNull();
        });
        foreach (var probe in new[] { "/healthz", "/readyz", "/health", "/metrics" })
        {
            using var response = await api.CreateClient().GetAsync(probe);
            response.Headers.Contains("RateLimit").Should().BeFalse($"{probe} is not counted");
            response.StatusCode.Should().NotBe(HttpStatusCode.TooManyRequests, probe);
            await Eventually.Passes(async () => (await api.CreateClient().GetAsync(probe)).StatusCode.Should().Be(HttpStatusCode.OK, probe));
        }
    }

    [Fact]
    public async Task A_login_takes_from_the_bucket_of_its_key()
    {
        // So many that what comes back meanwhile, a token a second, is little beside it.
        const int Pages = 60;
        await using var cache = await RedisServer.StartAsync();
        await using var api = new TestApi((Cache, cache.Address), (RateLimitOptions.KeyRateVariable, "1"), (RateLimitOptions.KeyBurstVariable, $"{Pages}"))
        {
            Time = new ManualTimeProvider(),
        };
        await ShouldLeaseAsync(api.Services);
        var visitor = await Visitor.LoggedInAsync(api);
        for (var i = 0; i < Pages; i++)
            (await visitor.GetAsync("/")).StatusCode.Should().Be(HttpStatusCode.OK);
        var answers = new List<HttpStatusCode>();
        await Eventually.IsTrue(async () =>
        {
            answers.Add((await api.Client().GetAsync(Queues)).StatusCode);
            return answers[^1] == HttpStatusCode.TooManyRequests;
        });
        answers.Should().HaveCountLessThan(Pages, "the pages took the tokens");
    }

    [Fact]
    public async Task Forwarded_addresses_are_those_of_proxies_that_are_trusted_alone()
    {
        await using var cache = await RedisServer.StartAsync();
        string[] settings = [$"--{Cache}={cache.Address}", $"--{RateLimitOptions.AddressRateVariable}=1", $"--{RateLimitOptions.AddressBurstVariable}=3"];
        var (trusting, _) = await KestrelApi.StartAsync(null, null, [.. settings, $"--{TrustedProxies.Variable}=127.0.0.1,10.0.0.0/8"]);
        await using var one = trusting;

        // What the client wrote itself, before the first proxy's entry, is not believed.
        await ShouldShareAsync(trusting, "6.6.6.6, 192.0.2.1, 10.1.1.1", i => $"7.7.7.{i}, 192.0.2.1");
        (await StatusAsync(trusting, "192.0.2.2")).Should().Be(HttpStatusCode.Unauthorized, "another client of the same proxy");

        var (cautious, _) = await KestrelApi.StartAsync(null, null, settings);
        await using var two = cautious;
        await ShouldShareAsync(cautious, "198.51.100.1", i => $"198.51.100.{i}");
    }

    [Fact]
    public async Task With_the_cache_killed_requests_go_on_uncounted_and_it_is_said_once_until_it_is_back()
    {
        const string Away = "Warning K8sQueue.Api.RateLimits.TokenStore: The cache leases no tokens";
        const string Back = "The cache leases tokens of rate limits again";
        await using var cache = await RedisServer.StartAsync();
        var logs = new LogCollector();
        await using var api = new TestApi((Cache, cache.Address), (RateLimitOptions.KeyRateVariable, "1"), (RateLimitOptions.KeyBurstVariable, "2")) { Logs = logs };
        using var client = api.Client();
        await Eventually.IsTrue(async () => (await client.GetAsync(Queues)).StatusCode == HttpStatusCode.TooManyRequests, Patience);

        // It is there now, and nothing is asked of it. A lease until here may have been late, of which is told as well.
        var before = Count(Away);
        Count(Back).Should().Be(before);
        cache.Kill();
        await Eventually.Passes(async () => (await client.GetAsync(Queues)).StatusCode.Should().Be(HttpStatusCode.OK), Patience);
        for (var i = 0; i < 50; i++)
        {
            using var response = await client.GetAsync(Queues);
            response.StatusCode.Should().Be(HttpStatusCode.OK);
            response.Headers.Contains("RateLimit").Should().BeFalse("nobody knows");
        }

        var health = await (await api.Client().GetAsync("/health")).ShouldBeAsync(HttpStatusCode.ServiceUnavailable);
        health.GetProperty("dependencies").GetProperty("rate-limits").GetProperty("reason").GetString().Should().StartWith("Requests are let through uncounted: Redis at ");
        var diagnostics = await (await client.GetAsync("/v1/diagnostics")).JsonAsync();
        diagnostics.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("id").GetString() == "rate-limits-away")
            .GetProperty("status").GetString().Should().Be("error");
        var metrics = await api.CreateClient().GetStringAsync("/metrics");
        metrics.Should().Contain("k8squeue_rate_limit_cache_up 0").And.MatchRegex("""k8squeue_rate_limit_requests_total\{[^}]*verdict="uncounted"[^}]*\} [1-9]""");
        Count(Away).Should().Be(before + 1);

        await cache.StartAsync();
        await Eventually.Passes(
            async () => (await (await api.CreateClient().GetAsync("/health")).JsonAsync()).GetProperty("status").GetString().Should().Be("ok"), Patience);
        Count(Away).Should().Be(before + 1);
        Count(Back).Should().Be(before + 1);
        await Eventually.IsTrue(async () => (await client.GetAsync(Queues)).StatusCode == HttpStatusCode.TooManyRequests, Patience);

        int Count(string text) => logs.Entries.Count(entry => entry.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Closed_requests_are_refused_while_the_cache_is_killed_or_hangs_and_served_again_by_themselves()
    {
        await using var cache = await RedisServer.StartAsync();
        await using var api = new TestApi((Cache, cache.Address), (RateLimitOptions.WhenAwayVariable, "closed"));
        using var client = api.Client();
        await ShouldServeAsync();

        cache.Kill();
        await ShouldRefuseAsync();
        (await api.CreateClient().GetAsync("/readyz")).StatusCode.Should().Be(HttpStatusCode.OK, "the pod is ready all the same");
        await cache.StartAsync();
        await ShouldServeAsync();

        await cache.FreezeAsync();
        await ShouldRefuseAsync();
        await cache.ThawAsync();
        await ShouldServeAsync();

        async Task ShouldRefuseAsync()
        {
            await Eventually.Passes(async () => (await client.GetAsync(Queues)).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable), Patience);
            using var response = await client.GetAsync(Queues);
            await response.ShouldBeProblemAsync("rate-limits-unavailable");
            response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
        }

        Task ShouldServeAsync() => Eventually.Passes(async () => (await client.GetAsync(Queues)).StatusCode.Should().Be(HttpStatusCode.OK), Patience);
    }

    [Fact]
    public async Task A_cache_that_is_down_from_the_start_keeps_nothing_from_starting()
    {
        await using var api = new TestApi((Cache, $"127.0.0.1:{FreePort.Next()}"));
        using var client = api.Client();
        await Eventually.Passes(async () => (await client.GetAsync(Queues)).StatusCode.Should().Be(HttpStatusCode.OK), Patience);
        await Eventually.Passes(async () => (await api.CreateClient().GetStringAsync("/metrics")).Should().Contain("k8squeue_rate_limit_cache_up 0"), Patience);
    }

    // The first connection may take longer than a lease may: then requests are not counted at first.
    private static Task ShouldLeaseAsync(IServiceProvider services)
    {
        var store = services.GetRequiredService<RateLimiting>().Store!;
        return Eventually.IsTrue(
            async () =>
            {
                await store.ProbeAsync();
                return !store.IsAway;
            },
            Patience);
    }

    // A token may come in between: then it is tried with another one, whose own bucket would be full.
    private static Task ShouldShareAsync(KestrelApi api, string one, Func<int, string> others)
    {
        var tried = 1;
        return Eventually.IsTrue(async () =>
        {
            await Eventually.IsTrue(async () => await StatusAsync(api, one) == HttpStatusCode.TooManyRequests);
            return await StatusAsync(api, others(++tried)) == HttpStatusCode.TooManyRequests;
        });
    }

    private static async Task<HttpStatusCode> StatusAsync(KestrelApi api, string forwardedFor)
    {
        using var client = new HttpClient { BaseAddress = api.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, Queues);
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        return (await client.SendAsync(request)).StatusCode;
    }

    private static HttpClient Client(KestrelApi api, string secret)
    {
        var client = new HttpClient { BaseAddress = api.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return client;
    }
}
