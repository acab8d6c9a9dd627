using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;
using Xunit.Abstractions;

namespace K8sQueue.Api.Tests.Samples;

/// <summary>The producers in other languages of samples/producers, over a real Redis and a real API.</summary>
public sealed partial class ProducerSampleTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const string Queue = "samples";
    private const string Keyed = """{"type": "t", "deduplication": {"key": "k", "windowMs": 60000}}""";

    private readonly string _scripts = Directory.CreateTempSubdirectory("k8squeue-scripts-").FullName;
    private RedisServer _redis = null!;
    private RedisJobQueue _jobs = null!;

    private static CancellationToken Bound => new CancellationTokenSource(TimeSpan.FromSeconds(40)).Token;

    public async Task InitializeAsync()
    {
        RedisScriptExport.WriteTo(_scripts);
        _redis = await RedisServer.StartAsync();
        _jobs = new RedisJobQueue(new RedisQueueOptions { Address = _redis.Address, IdleWait = TimeSpan.FromMilliseconds(200) });
    }

    public async Task DisposeAsync()
    {
        await _jobs.DisposeAsync();
        await _redis.DisposeAsync();
    }

    public void Dispose() => Directory.Delete(_scripts, recursive: true);

    [Fact]
    public void A_tool_that_is_missing_is_named_and_in_CI_it_is_no_excuse()
    {
        ToolDataAttribute.Excuse("no-such-tool", isCI: false).Should().Be("no-such-tool is not installed: its sample was not run.");
        ToolDataAttribute.Excuse("no-such-tool", isCI: true).Should().BeNull();
        ToolDataAttribute.Excuse("sh", isCI: false).Should().BeNull();
    }

    [Theory]
    [ToolData("node")]
    [ToolData("python3")]
    public async Task The_vectors_of_the_protocol_hold(string tool)
    {
        var file = Path.Combine(RepositoryFolder.Root, "docs", "reference", "protocol-vectors.json");
        using var sample = SampleProcess.Start(tool, "main", [], "vectors", file);

        var line = await sample.ReadLineAsync();

        output.WriteLine($"{tool}: {line}");
        int.Parse(Held().Match(line).Groups["held"].Value, CultureInfo.InvariantCulture).Should().BeGreaterThan(100);
        (await sample.EndAsync()).Should().Be(0);
    }

    [Theory]
    [ToolData("node")]
    [ToolData("python3")]
    public async Task A_job_straight_to_Redis_is_the_very_job_that_this_program_would_add(string tool)
    {
        using var sample = StartDirect(tool, _redis.Port);
        await ShouldAddTheSameAsync(sample, job => job.Direct);
    }

    [Theory]
    [ToolData("node")]
    [ToolData("python3")]
    public async Task A_job_over_HTTP_is_the_very_job_that_this_program_would_add(string tool)
    {
        await using var api = await KestrelApi.StartAsync(_redis.Address);
        using var sample = StartHttp(tool, api, api.Address.Port);
        await ShouldAddTheSameAsync(sample, job => job.Http);
    }

    [Theory]
    [ToolData("node")]
    [ToolData("python3")]
    public async Task An_answer_of_Redis_that_gets_lost_adds_no_second_job(string tool)
    {
        using var proxy = new LossyProxy(_redis.Port);
        using var sample = StartDirect(tool, proxy.Port);
        await sample.EnqueueAsync("other", """{"type": "t"}"""); // the server has the script now
        proxy.LoseAnswerTo("EVALSHA");

        var answer = await sample.EnqueueAsync(Queue, Keyed);

        proxy.Lost.Should().Be(1);
        answer.GetProperty("duplicate").GetBoolean().Should().BeFalse("it is the job of the first call");
        (await FetchAllAsync(Queue, 1)).Single().Id.Value.Should().Be(answer.GetProperty("id").GetString());
        await ShouldHaveTakenAsync(Queue, 1);
        (await sample.EnqueueAsync(Queue, Keyed)).GetProperty("duplicate").GetBoolean().Should().BeTrue();
        (await sample.EndAsync()).Should().Be(0);
    }

    [Theory]
    [ToolData("node")]
    [ToolData("python3")]
    public async Task An_answer_of_the_API_that_gets_lost_adds_no_second_job(string tool)
    {
        await using var api = await KestrelApi.StartAsync(_redis.Address);
        using var proxy = new LossyProxy(api.Address.Port);
        using var sample = StartHttp(tool, api, proxy.Port);
        proxy.LoseAnswerTo("POST");

        var answer = await sample.EnqueueAsync(Queue, """{"type": "t", "deduplication": {"key": "k", "windowSeconds": 60}}""");

        proxy.Lost.Should().Be(1);
        (await FetchAllAsync(Queue, 1)).Single().Id.Value.Should().Be(answer.GetProperty("id").GetString());
        await ShouldHaveTakenAsync(Queue, 1);
    }

    [Theory]
    [ToolData("node")]
    [ToolData("python3")]
    public async Task Where_the_job_might_be_there_twice_it_is_not_sent_again(string tool)
    {
        using var proxy = new LossyProxy(_redis.Port);
        using var sample = StartDirect(tool, proxy.Port);
        string[] jobs =
        [
            """{"type": "t"}""",
            """{"type": "t", "deduplication": {"key": "a", "windowMs": 59999}}""",
            """{"type": "t", "deduplication": {"key": "b", "untilDone": true}}""",
        ];
        await sample.EnqueueAsync("other", """{"type": "t"}""");
        foreach (var job in jobs)
        {
            proxy.LoseAnswerTo("EVALSHA");
            (await sample.EnqueueAsync(Queue, job)).GetProperty("error").GetString().Should().Be("UnknownOutcomeError");
        }

        await ShouldHaveTakenAsync(Queue, jobs.Length);
        (await sample.EndAsync()).Should().Be(1);
    }

    [Theory]
    [ToolData("node")]
    [ToolData("python3")]
    public async Task A_server_that_was_restarted_is_found_again_and_given_the_script(string tool)
    {
        using var sample = StartDirect(tool, _redis.Port);
        await sample.EnqueueAsync(Queue, """{"type": "t"}""");
        await _redis.StopAsync();
        await _redis.StartAsync();

        // Where it was held up until here, a job and the end of its connection come to it at once, in either order. With two answers it is through with both.
        for (var i = 0; i < 2; i++)
            (await sample.EnqueueAsync(Queue, """{"type": ""}""")).GetProperty("message").GetString().Should().Be("type is not valid.");

        (await sample.EnqueueAsync(Queue, """{"type": "t"}""")).TryGetProperty("id", out _).Should().BeTrue("it knows that the job was not sent before");
        await ShouldHaveTakenAsync(Queue, 1);
        (await _jobs.ListQueuesAsync(Bound)).Should().Equal(Queue);
    }

    [Theory]
    [ToolData("node")]
    [ToolData("python3")]
    public async Task What_is_wrong_is_refused_and_nothing_added(string tool)
    {
        using var sample = StartDirect(tool, _redis.Port);

        (await sample.EnqueueAsync(Queue, """{"type": ""}""")).GetProperty("message").GetString().Should().Be("type is not valid.");
        await ShouldHaveTakenAsync(Queue, 0);
        (await sample.EndAsync()).Should().Be(1);

        File.WriteAllText(Path.Combine(_scripts, "manifest.json"), """{"version": "2.0", "scripts": []}""");
        using var older = StartDirect(tool, _redis.Port);
        (await older.Awaiting(s => s.ReadLineAsync()).Should().ThrowAsync<InvalidOperationException>()).WithMessage("*layout 2.0*knows 1*");
    }

    private SampleProcess StartDirect(string tool, int port) => SampleProcess.Start(tool, "main", [], "direct", $"127.0.0.1:{port}", _scripts);

    private static SampleProcess StartHttp(string tool, KestrelApi api, int port) =>
        SampleProcess.Start(tool, "main", [("K8SQUEUE_API_KEY", api.Secret)], "http", $"http://127.0.0.1:{port}");

    private async Task ShouldAddTheSameAsync(SampleProcess sample, Func<SampleJob, string> text)
    {
        var answers = new List<JsonElement>();
        foreach (var job in SampleJob.All)
            answers.Add(await sample.EnqueueAsync(Queue, text(job)));
        var expected = (await _jobs.EnqueueAsync([.. SampleJob.All.Select(job => job.Request)], Bound)).Ids();

        var here = await FetchAllAsync(expected[0].Queue, SampleJob.All.Count);
        var there = await FetchAllAsync(Queue, SampleJob.All.Count);
        for (var i = 0; i < SampleJob.All.Count; i++)
        {
            var id = JobId.Parse(answers[i].GetProperty("id").GetString()!);
            var found = there.Single(job => job.Id == id);
            found.Should().BeEquivalentTo(here.Single(job => job.Id == expected[i]), options => options
                .Excluding(job => job.Id).Excluding(job => job.EnqueuedAt).Excluding(job => job.Payload));
            found.Payload.ToArray().Should().Equal(SampleJob.All[i].Request.Payload.ToArray());
            id.IsTracked.Should().Be(SampleJob.All[i].Request.Tracked);
            found.EnqueuedAt.Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
            answers[i].GetProperty("duplicate").GetBoolean().Should().BeFalse();
            if (id.IsTracked)
                (await _jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Running);
        }

        (await sample.EndAsync()).Should().Be(0);
        (await _jobs.ListQueuesAsync(Bound)).Should().Contain(Queue);
    }

    private async Task<List<JobEnvelope>> FetchAllAsync(string queue, int count)
    {
        await using var consumer = await _jobs.OpenConsumerAsync(new JobConsumerOptions { Queues = [queue], Name = $"of-{queue}" }, Bound);
        var jobs = new List<JobEnvelope>();
        while (jobs.Count < count)
        {
            await _jobs.MaintainAsync(queue, Bound); // delayed ones come in
            foreach (var lease in await consumer.FetchAsync(count, Bound))
                jobs.Add(await consumer.LoadAsync(lease, Bound));
        }

        return jobs;
    }

    private async Task ShouldHaveTakenAsync(string queue, int count) =>
        (await _jobs.GetStatisticsAsync(queue, Bound)).EnqueuedTotal.Should().Be(count);

    [GeneratedRegex("^(?<held>[0-9]+) vectors hold[.]$")]
    private static partial Regex Held();
}
