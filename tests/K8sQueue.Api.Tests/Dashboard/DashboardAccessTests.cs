using System.Net;
using K8sQueue.Api.Dashboard;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;
using Microsoft.AspNetCore.Http;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>Every endpoint of the dashboard, found by itself: a new one can't be forgotten.</summary>
public sealed class DashboardAccessTests
{
    private static readonly string JobId = Core.Jobs.JobId.Create("q", true, TimeProvider.System).Value;

    [Fact]
    public async Task Who_is_not_logged_in_is_led_to_the_login_and_can_send_no_form()
    {
        await using var api = new TestApi();
        var visitor = new Visitor(api);
        var open = new List<string>();
        var endpoints = Visitor.Endpoints(api, JobId).ToList();
        foreach (var (method, path, _, pattern) in endpoints)
        {
            var response = method == "GET" ? await visitor.GetAsync(path) : await visitor.PostAsync(path, ("key", "wrong"));
            if (method == "GET" && response.StatusCode == HttpStatusCode.Redirect)
                response.Headers.Location!.ToString().Should().StartWith("/login", pattern);
            else if (method == "GET" || response.StatusCode != HttpStatusCode.Unauthorized)
                open.Add($"{method} {pattern} {(int)response.StatusCode}");
        }

        endpoints.Count.Should().BeGreaterThan(20);
        open.Should().BeEquivalentTo("GET /login 200", "GET /assets/{hash}/{name} 404");
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    [InlineData("none")]
    [InlineData(null)]
    public async Task No_form_is_taken_from_another_site_or_from_who_does_not_say_where_it_is_from(string? site)
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        visitor.Site = site;
        var posts = Visitor.Endpoints(api, JobId).Where(endpoint => endpoint.Method != "GET").ToList();
        posts.Should().NotBeEmpty();
        foreach (var (_, path, _, pattern) in posts)
        {
            var response = await visitor.PostAsync(path, ("key", api.Secret), ("type", "t"), ("act", "delete"));
            response.StatusCode.Should().Be(HttpStatusCode.Forbidden, pattern);
            response.Headers.Contains("Set-Cookie").Should().BeFalse(pattern);
        }

        api.Queue.Enqueues.Should().Be(0);
    }

    [Fact]
    public async Task A_key_sees_and_does_what_its_scopes_allow_and_nothing_else()
    {
        await using var api = new TestApi();
        var reader = api.AddKey("reader", "verbs=read;queues=q");
        var other = api.AddKey("other", "queues=other");
        await api.Queue.SetPausedAsync("q", false, CancellationToken.None);
        await api.Queue.EnqueueAsync([new JobRequest { Queue = "q", Type = "t" }, new JobRequest { Queue = "other", Type = "t" }], CancellationToken.None);
        var (seeing, foreign) = (await Visitor.LoggedInAsync(api, reader), await Visitor.LoggedInAsync(api, other));
        foreach (var (method, path, _, pattern) in Visitor.Endpoints(api, JobId).Where(endpoint => endpoint.Path.Contains("/q", StringComparison.Ordinal)))
        {
            var response = method == "GET" ? await foreign.GetAsync(path) : await foreign.PostAsync(path, ("type", "t"), ("payload", "1"));
            response.StatusCode.Should().Be(HttpStatusCode.Forbidden, pattern);
            if (method != "GET")
                (await seeing.PostAsync(path, ("type", "t"), ("payload", "1"))).StatusCode.Should().Be(HttpStatusCode.Forbidden, pattern);
        }

        (await seeing.ReadAsync("/")).Should().Contain("href=\"/queues/q\"").And.NotContain("href=\"/queues/other\"").And.NotContain("All queues");
        (await seeing.ReadAsync("/queues/q")).Should().NotContain("/queues/q/pause");
        (await foreign.ReadAsync("/")).Should().Contain("href=\"/queues/other\"").And.NotContain("href=\"/queues/q\"");
        (await seeing.ReadAsync("/audit", HttpStatusCode.Forbidden)).Should().NotContain("href=\"/audit\"");
        api.Queue.Enqueues.Should().Be(1);
    }

    [Fact]
    public async Task No_page_shows_anything_of_a_queue_to_who_may_not_read_it()
    {
        await using var api = new TestApi();
        var other = api.AddKey("other", "queues=other");
        var request = new JobRequest { Queue = "q", Type = "type-of-theirs", Tracked = true };
        await using var consumer = await api.Queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["q"], Name = "worker-of-theirs.1" }, CancellationToken.None);
        await api.Queue.BuryAsync(request);
        await api.Queue.EnqueueBatchAsync(new BatchRequest { Jobs = [request, request with { Queue = "other", Type = "mine" }] }, CancellationToken.None);
        await api.Queue.PutScheduleAsync(new JobSchedule { Name = "schedule-of-theirs", Cron = "@daily", Job = request }, CancellationToken.None);
        (await consumer.FetchAsync(1, CancellationToken.None)).Should().ContainSingle();
        var foreign = await Visitor.LoggedInAsync(api, other);
        var shown = new List<string>();
        foreach (var (_, path, _, pattern) in Visitor.Endpoints(api, JobId).Where(endpoint => endpoint is { Method: "GET", Kind: DashboardContent.Page }))
        {
            var response = await foreign.GetAsync(path);
            response.StatusCode.Should().BeOneOf([HttpStatusCode.OK, HttpStatusCode.Redirect, HttpStatusCode.Forbidden], pattern);
            (await response.Content.ReadAsStringAsync()).Should().NotContain("of-theirs", pattern).And.NotContain("href=\"/queues/q\"", pattern);
            if (response.StatusCode == HttpStatusCode.OK)
                shown.Add(pattern);
        }

        shown.Should().BeEquivalentTo("/", "/login", "/schedules", "/batches", "/workers");
    }

    [Fact]
    public async Task Who_may_manage_and_not_read_is_shown_nothing_in_forms_that_are_refused_either()
    {
        await using var api = new TestApi();
        var manager = api.AddKey("manager", "verbs=manage;queues=q");
        var request = DashboardJobs.Request("""{"of":"theirs"}""");
        var id = await api.Queue.BuryAsync(request);
        await api.Queue.PutScheduleAsync(new JobSchedule { Name = "n", Cron = "@daily", Job = request }, CancellationToken.None);
        var visitor = await Visitor.LoggedInAsync(api, manager);
        var letter = $"/queues/q/dead-letters/{id}";
        HttpResponseMessage[] answers =
        [
            await visitor.GetAsync(letter), await visitor.PostAsync($"{letter}/redrive", ("payload", "{")),
            await visitor.GetAsync("/queues/q/schedules/n"), await visitor.PostAsync("/queues/q/limits", ("jobs", "x")),
        ];
        foreach (var answer in answers)
        {
            answer.StatusCode.Should().Be(HttpStatusCode.Forbidden, answer.RequestMessage!.RequestUri!.ToString());
            (await answer.Content.ReadAsStringAsync()).Should().NotContain("theirs");
        }

        (await visitor.PostAsync($"{letter}/redrive")).StatusCode.Should().Be(HttpStatusCode.Redirect, "it may go back as it is");
    }

    [Fact]
    public async Task Who_may_read_nothing_sees_no_page()
    {
        await using var api = new TestApi();
        var writer = await Visitor.LoggedInAsync(api, api.AddKey("writer", "verbs=enqueue;queues=other"));
        var open = new List<string>();
        foreach (var (_, path, kind, pattern) in Visitor.Endpoints(api, JobId).Where(endpoint => endpoint.Method == "GET"))
        {
            if (kind != DashboardContent.Asset && (await writer.GetAsync(path)).StatusCode != HttpStatusCode.Forbidden)
                open.Add(pattern);
        }

        open.Should().BeEquivalentTo("/login", "/find");
    }

    [Fact]
    public async Task An_endpoint_that_asks_nothing_answers_nobody()
    {
        var context = EndpointFilterInvocationContext.Create(new DefaultHttpContext());
        var forgetful = async () => await DashboardGuard.FilterAsync(context, _ => ValueTask.FromResult<object?>("secret"));
        await forgetful.Should().ThrowAsync<InvalidOperationException>().WithMessage("*did not ask who may see it*");

        var marked = new DefaultHttpContext();
        marked.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(new ForWhoeverIsLoggedIn()), "marked"));
        (await DashboardGuard.FilterAsync(EndpointFilterInvocationContext.Create(marked), _ => ValueTask.FromResult<object?>("shown"))).Should().Be("shown");
    }

    [Fact]
    public async Task A_login_is_good_for_nothing_of_the_api()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        (await visitor.GetAsync("/v1/queues")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await visitor.PostAsync("/v1/queues/q/pause")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await visitor.GetAsync("/v1/queues/q/events")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Pages_may_use_the_dashboards_own_files_alone_and_nobody_keeps_them()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var pages = Visitor.Endpoints(api, JobId).Where(endpoint => endpoint is { Method: "GET", Kind: DashboardContent.Page });
        foreach (var (_, path, _, pattern) in pages)
        {
            var response = await visitor.GetAsync(path);
            response.StatusCode.Should().BeOneOf([HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.Redirect], pattern);
            var policy = response.Headers.GetValues("Content-Security-Policy").Single();
            policy.Should().Contain("default-src 'none'").And.Contain("script-src 'self'").And.Contain("frame-ancestors 'none'").And.NotContain("unsafe");
            response.Headers.CacheControl!.NoStore.Should().BeTrue(pattern);
            response.Headers.GetValues("Referrer-Policy").Should().Equal(["same-origin"], pattern);
            var html = await response.Content.ReadAsStringAsync();
            html.Should().NotContain("style=", pattern).And.NotMatchRegex(@"\son[a-z]+=", pattern).And.NotMatchRegex("<script(?! type=\"module\" src=\"/assets/)", pattern);
        }
    }

    [Fact]
    public async Task Files_are_kept_for_good_by_an_address_with_their_hash()
    {
        await using var api = new TestApi();
        var visitor = new Visitor(api);
        var html = await visitor.ReadAsync("/login");
        foreach (var name in new[] { "dashboard.css", "dashboard.js", "icon.svg" })
        {
            var address = System.Text.RegularExpressions.Regex.Match(html, $"/assets/[0-9a-f]{{16}}/{name}", default, TimeSpan.FromSeconds(1)).Value;
            var response = await visitor.GetAsync(address);
            response.StatusCode.Should().Be(HttpStatusCode.OK, name);
            response.Headers.CacheControl!.ToString().Should().Contain("immutable");
            (await visitor.GetAsync($"/assets/0000000000000000/{name}")).Headers.CacheControl!.NoStore.Should().BeTrue();
        }
    }

    [Fact]
    public async Task Without_keys_nobody_has_to_log_in_but_forms_of_other_sites_are_refused_all_the_same()
    {
        await using var api = new TestApi((Api.Hosting.ApiOptions.KeysVariable, null), (Api.Hosting.ApiOptions.AnonymousVariable, "true"));
        var visitor = new Visitor(api);
        (await visitor.ReadAsync("/")).Should().Contain("No login needed");
        (await visitor.SubmitAsync("/queues/q/pause")).Should().Contain("The queue is paused");
        visitor.Site = "cross-site";
        (await visitor.PostAsync("/queues/q/resume")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_events_of_a_queue_are_streamed_to_who_is_logged_in()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        await api.Queue.EnqueueAsync([new JobRequest { Queue = "q", Type = "t", Tracked = true }], CancellationToken.None);
        using var response = await visitor.GetAsync("/queues/q/events?after=0");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        string? line;
        do
            line = await reader.ReadLineAsync(bound.Token);
        while (line is not null && !line.StartsWith("event:", StringComparison.Ordinal));
        line.Should().Be("event: added");
    }
}
