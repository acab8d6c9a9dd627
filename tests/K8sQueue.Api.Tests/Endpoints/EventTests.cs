using System.Net;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Login;
using K8sQueue.Api.Endpoints;
using K8sQueue.Api.Hosting;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class EventTests
{
    private const string Path = "/v1/queues/emails/events";

    [Fact]
    public async Task What_becomes_of_a_queues_jobs_is_streamed_as_it_happens()
    {
        await using var api = new TestApi();
        await api.PostAsync("/v1/queues/emails/jobs", """{"type":"before"}""");
        using var stream = await EventReader.OpenAsync(api.Client(), Path);
        stream.Response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        stream.Response.Headers.GetValues("X-Accel-Buffering").Should().Equal("no");

        var id = (await (await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""")).JsonAsync()).GetProperty("id").GetString();
        var leases = await api.Queue.FetchAsync("emails", max: 2);

        var added = await stream.NextAsync();
        added.Name.Should().Be("added");
        added.Data.GetProperty("id").GetString().Should().Be(id);
        added.Data.GetProperty("event").GetString().Should().Be("added");
        added.Data.GetProperty("type").GetString().Should().Be("t");
        added.Data.GetProperty("at").GetDateTimeOffset().Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
        JobEventId.TryParse(added.Id, out _).Should().BeTrue();
        added.Data.TryGetProperty("attempt", out _).Should().BeFalse("what an event has not is left out");
        foreach (var lease in leases)
        {
            var started = await stream.NextAsync();
            started.Name.Should().Be("started");
            started.Data.GetProperty("id").GetString().Should().Be(lease.Job.Id.Value);
            started.Data.GetProperty("attempt").GetInt32().Should().Be(1);
        }
    }

    [Fact]
    public async Task A_client_goes_on_where_it_was_and_the_header_goes_first()
    {
        await using var api = new TestApi();
        foreach (var type in new[] { "a", "b", "c" })
            await api.PostAsync("/v1/queues/emails/jobs", $$"""{"type":"{{type}}"}""");
        using var all = await EventReader.OpenAsync(api.Client(), Path + "?after=0");
        var (first, second) = (await all.NextAsync(), await all.NextAsync());
        first.Data.GetProperty("type").GetString().Should().Be("a");

        using var behind = await EventReader.OpenAsync(api.Client(), $"{Path}?after={first.Id}");
        (await behind.NextAsync()).Id.Should().Be(second.Id);
        var client = api.Client();
        client.DefaultRequestHeaders.Add("Last-Event-ID", second.Id);
        using var again = await EventReader.OpenAsync(client, $"{Path}?after={first.Id}");
        (await again.NextAsync()).Data.GetProperty("type").GetString().Should().Be("c");
    }

    [Theory]
    [InlineData("?after=1")]
    [InlineData("?after=x-y")]
    [InlineData("?after=1-2-3")]
    [InlineData("?after=1-0&after=2-0")]
    [InlineData("?after=%F0%9F%98%80")]
    public async Task What_is_no_events_id_is_400(string query)
    {
        await using var api = new TestApi();
        var response = await api.Client().GetAsync(Path + query);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.ShouldBeProblemAsync("invalid-parameter")).GetProperty("field").GetString().Should().Be("after");
        var client = api.Client();
        client.DefaultRequestHeaders.Add("Last-Event-ID", "yesterday");
        (await (await client.GetAsync(Path)).ShouldBeProblemAsync("invalid-parameter")).GetProperty("field").GetString().Should().Be("Last-Event-ID");
        await (await api.Client().GetAsync("/v1/queues/Emails/events")).ShouldBeProblemAsync("invalid-queue-name");
    }

    [Fact]
    public async Task A_place_whose_events_are_gone_is_410()
    {
        await using var api = new TestApi();
        var response = await api.Client().GetAsync(Path + "?after=1-0");

        response.StatusCode.Should().Be(HttpStatusCode.Gone);
        await response.ShouldBeProblemAsync("events-trimmed");
    }

    [Fact]
    public async Task A_client_that_misses_events_while_it_follows_is_told_so()
    {
        await using var api = new TestApi();
        using var stream = await EventReader.OpenAsync(api.Client(), Path);
        await Eventually.IsTrue(() => api.Queue.EventReadsUnderWay > 0);
        api.Queue.HoldEvents = new TaskCompletionSource();
        await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""");
        (await stream.NextAsync()).Name.Should().Be("added");
        await Eventually.IsTrue(() => api.Queue.EventReadsHeld > 0);
        await api.Queue.EnqueueAsync(
            [.. Enumerable.Repeat(new JobRequest { Queue = "emails", Type = "t", Tracked = true }, JobQueueDefaults.EventsLimit + 10)], CancellationToken.None);
        api.Queue.HoldEvents.SetResult();

        var last = await stream.NextAsync();

        (last.Name, last.Id).Should().Be(("trimmed", null));
        (await stream.EndsAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task Many_clients_cost_the_broker_what_one_does()
    {
        await using var api = new TestApi();
        var streams = new List<EventReader>();
        for (var i = 0; i < 20; i++)
            streams.Add(await EventReader.OpenAsync(api.Client(), Path));
        var reads = api.Queue.EventReads;

        await api.Queue.EnqueueAsync([.. Enumerable.Repeat(new JobRequest { Queue = "emails", Type = "t", Tracked = true }, 1200)], CancellationToken.None);
        foreach (var stream in streams)
        {
            for (var i = 0; i < 1200; i++)
                (await stream.NextAsync()).Name.Should().Be("added");
        }

        (api.Queue.EventReads - reads).Should().BeLessThan(10);
        streams.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task A_queue_is_not_read_any_more_when_nobody_follows_it()
    {
        await using var api = new TestApi();
        using (await EventReader.OpenAsync(api.Client(), Path))
            await Eventually.IsTrue(() => api.Queue.EventReadsUnderWay == 1);

        await Eventually.IsTrue(() => api.Queue.EventReadsUnderWay == 0);
    }

    [Fact]
    public async Task An_idle_stream_shows_that_it_lives()
    {
        var time = new ManualTimeProvider();
        await using var api = new TestApi();
        await using var timed = api.WithWebHostBuilder(b => b.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(time)));
        var client = timed.CreateClient();
        client.DefaultRequestHeaders.Add("X-Api-Key", api.Secret);
        using var stream = await EventReader.OpenAsync(client, Path);
        (await stream.LineAsync()).Should().Be(": ", "it begins with one");
        (await stream.LineAsync()).Should().BeEmpty();
        var beat = stream.LineAsync();

        await Eventually.IsTrue(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return beat.IsCompleted;
        });

        (await beat).Should().Be(": ");
    }

    [Theory]
    [InlineData(Path)]
    [InlineData("/queues/emails/events")]
    public async Task A_stream_ends_when_its_key_is_revoked(string path)
    {
        var time = new ManualTimeProvider();
        var (secret, key) = ApiKey.Create("shop");
        var file = System.IO.Path.GetTempFileName();
        await File.WriteAllTextAsync(file, key.Line);
        await using var api = new TestApi((ApiOptions.KeysFileVariable, file));
        await using var timed = api.WithWebHostBuilder(b => b.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(time)));
        var client = timed.CreateClient();
        client.DefaultRequestHeaders.Add("X-Api-Key", secret);
        var ticket = new SessionTicket("shop", ApiKey.HashOf(secret)[..SessionTicket.FingerprintBytes], time.GetUtcNow() + SessionTicket.Lifetime);
        client.DefaultRequestHeaders.Add("Cookie", $"k8squeue={timed.Services.GetRequiredService<SessionProtector>().Protect(ticket)}");
        using var stream = await EventReader.OpenAsync(client, path);
        var keys = timed.Services.GetRequiredService<ApiKeyRing>();
        var ended = stream.EndsAsync();
        for (var i = 0; i < 10; i++)
            time.Advance(EventEndpoints.BeatInterval);
        ended.IsCompleted.Should().BeFalse("the key is good");

        await File.WriteAllTextAsync(file, "");
        await Eventually.IsTrue(() =>
        {
            time.Advance(ApiKeyRing.Interval);
            return keys.Find(secret) is null;
        });
        await Eventually.IsTrue(() =>
        {
            time.Advance(EventEndpoints.BeatInterval);
            return ended.IsCompleted;
        });

        (await ended).Should().BeTrue();
        File.Delete(file);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("refused")]
    [InlineData("wrong")]
    public async Task A_stream_whose_broker_does_not_serve_any_more_ends(string fault)
    {
        Exception refusal = fault switch
        {
            "down" => new JobQueueUnavailableException("Redis is away."),
            "refused" => new JobQueueConfigurationException("NOAUTH Authentication required."),
            _ => new InvalidOperationException("WRONGTYPE"),
        };
        await using var api = new TestApi();
        await api.Queue.EnqueueAsync([.. Enumerable.Repeat(new JobRequest { Queue = "emails", Type = "t", Tracked = true }, 600)], CancellationToken.None);
        using var near = await EventReader.OpenAsync(api.Client(), Path);
        await Eventually.IsTrue(() => api.Queue.EventReadsUnderWay > 0);

        // One that begins earlier than what is kept for all reads on its own.
        api.Queue.EventFault = (after, wait) => wait == TimeSpan.Zero && after is { } place && place != JobEventId.Start ? refusal : null;
        using var behind = await EventReader.OpenAsync(api.Client(), $"{Path}?after=0");
        for (var i = 0; i < 500; i++)
            (await behind.NextAsync()).Name.Should().Be("added");

        (await behind.EndsAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task A_stream_ends_with_the_process()
    {
        await using var api = new TestApi();
        using var stream = await EventReader.OpenAsync(api.Client(), Path);

        api.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        (await stream.EndsAsync()).Should().BeTrue();
    }
}
