using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Redis.Consumers;
using K8sQueue.Core.Telemetry;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>Servers that need settings or a restart of their own.</summary>
public sealed class RedisServerTests
{
    private const string Queue = "q";

    private readonly CancellationToken _bound = new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    [Fact]
    public async Task A_full_server_refuses_new_jobs_and_lets_the_others_end()
    {
        await using var server = await RedisServer.StartAsync();
        await using var queue = new RedisJobQueue(RedisFixture.Options(server));
        await queue.EnqueueAsync([.. Enumerable.Repeat(Job(new string('x', 10_000)), 5)], _bound);
        await queue.EnqueueAsync([Job("delayed") with { Delay = TimeSpan.FromMilliseconds(10) }], _bound);
        await using var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = [Queue], Name = "c1" }, _bound);
        using var raw = Core.Redis.Resp.RespConnection.Connect(new RedisEndpoint(RedisFixture.Options(server)), TimeSpan.FromSeconds(5));
        raw.Call(TimeSpan.FromSeconds(5), "CONFIG", "SET", "maxmemory", "1").Error.Should().BeNull();

        var enqueue = async () => await queue.EnqueueAsync([Job("more")], _bound);
        (await enqueue.Should().ThrowAsync<JobQueueFullException>()).WithMessage("*maxmemory*");

        var leases = (await consumer.FetchAsync(5, _bound)).ToArray();
        leases.Should().HaveCount(5);
        (await consumer.CompleteAsync([new JobCompletion(leases[0])], _bound)).Should().Equal(LeaseOutcome.Done);
        (await consumer.RetryAsync([new JobRetry(leases[1], TimeSpan.FromDays(1), "later")], _bound)).Should().Equal(LeaseOutcome.Done);
        (await consumer.ReleaseAsync([leases[2]], _bound)).Should().Equal(LeaseOutcome.Done);
        (await consumer.BuryAsync([new JobBurial(leases[3], DeadLetterReasons.Poison, "")], _bound)).Should().Equal(LeaseOutcome.Done);
        (await queue.RedriveAsync(leases[3].Job.Id, _bound)).Should().Be(RedriveOutcome.Redriven);
        await queue.SetPausedAsync(Queue, true, _bound);
        await queue.SetPausedAsync(Queue, false, _bound);
        await Eventually.IsTrue(async () => (await queue.MaintainAsync(Queue, _bound)).Promoted == 1);
        (await queue.GetStatisticsAsync(Queue, _bound)).Should().BeEquivalentTo(
            new { EnqueuedTotal = 6L, CompletedTotal = 1L, Delayed = 1L, Backlog = new Backlog(3, 1, Paused: false) });
        leases[4].Lost.IsCancellationRequested.Should().BeFalse("heartbeats go through");
    }

    [Fact]
    public async Task A_server_that_is_killed_and_started_again_loses_no_job_and_starts_none_twice()
    {
        await using var server = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        var options = RedisFixture.Options(server);
        RedisFixture.Patient(options);
        await using var queue = new RedisJobQueue(options);
        await queue.EnqueueAsync([.. Enumerable.Range(0, 50).Select(i => Job($"{i}"))], _bound);
        await using var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = [Queue], Name = "c1" }, _bound);
        var leases = await consumer.FetchAsync(20, _bound);
        await queue.MaintainAsync(Queue, _bound);

        server.Kill();
        var enqueue = async () => await queue.EnqueueAsync([Job("down")], _bound);
        await enqueue.Should().ThrowAsync<JobQueueUnavailableException>();
        await server.StartAsync();

        // As if the outage had been longer than a lease, and housekeeping had noticed nothing but that this is another server.
        await Eventually.Passes(() => queue.CheckHealthAsync(_bound).AsTask());
        var keys = new RedisKeys(Queue);
        RedisFixture.Raw(server, Backdating.Leases(keys, "c1", TimeSpan.FromHours(1)));
        RedisFixture.Raw(server, Backdating.Housekeeping(keys));
        (await queue.MaintainAsync(Queue, _bound)).Should().Be(default(MaintenanceReport));
        await Eventually.IsTrue(() => RedisFixture.Raw(server, Backdating.LongestSilence(keys, "c1")).Integer < RedisFixture.PatientLease.TotalMilliseconds);
        var rest = new List<JobLease>();
        await Eventually.IsTrue(async () =>
        {
            rest.AddRange(await consumer.FetchAsync(50, _bound));
            return rest.Count == 30;
        });
        var outcomes = await consumer.CompleteAsync([.. leases.Concat(rest).Select(l => new JobCompletion(l))], _bound);
        outcomes.Should().AllBeEquivalentTo(LeaseOutcome.Done);
        (await queue.GetStatisticsAsync(Queue, _bound)).Should().BeEquivalentTo(
            new { StartedTotal = 50L, CompletedTotal = 50L, RecoveredTotal = 0L, Backlog = default(Backlog) });
    }

    [Fact]
    public async Task The_queue_waits_for_a_server_that_is_not_there_yet()
    {
        await using var server = await RedisServer.StartAsync();
        server.Kill();
        var options = RedisFixture.Options(server);
        options.OperationTimeout = TimeSpan.FromMilliseconds(500);
        await using var queue = new RedisJobQueue(options);
        var check = async () => await queue.CheckHealthAsync(_bound);
        await check.Should().ThrowAsync<JobQueueUnavailableException>();

        await server.StartAsync();

        await Eventually.Passes(check);
    }

    [Fact]
    public async Task A_password_is_read_from_its_file_and_again_when_it_was_changed()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "one");
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "one\n", _bound);
        var options = RedisFixture.Options(server);
        (options.PasswordFile, options.Database) = (file, 3);
        await using var queue = new RedisJobQueue(options);
        await queue.EnqueueAsync([Job("1"), Job("2")], _bound);
        await using var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = [Queue], Name = "c1" }, _bound);
        (await consumer.FetchAsync(1, _bound)).Should().HaveCount(1);

        using (var raw = Core.Redis.Resp.RespConnection.Connect(new RedisEndpoint(options), TimeSpan.FromSeconds(5)))
        {
            raw.Call(TimeSpan.FromSeconds(5), "KEYS", "*").Items.Should().NotBeEmpty("database 3 is used");
            raw.Call(TimeSpan.FromSeconds(5), "CONFIG", "SET", "requirepass", "two").Error.Should().BeNull();
            await File.WriteAllTextAsync(file, "two\n", _bound);
            raw.Call(TimeSpan.FromSeconds(5), "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes").Error.Should().BeNull();
        }

        await Eventually.Passes(async () => (await consumer.FetchAsync(1, _bound)).Should().HaveCount(1));
        File.Delete(file);
    }

    [Fact]
    public async Task A_reader_that_connects_with_a_password_of_before_a_rotation_is_refused_for_now_and_reads_with_the_next_one()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "new");
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "old\n", _bound);
        var options = RedisFixture.Options(server);
        options.PasswordFile = file;
        var services = new RedisServices(options, new RedisEndpoint(options), TimeProvider.System, NullLoggerFactory.Instance, new JobQueueMetrics());
        await using var connection = services.Connection;
        using var reader = new BlockingReader(services, "c1");
        var read = () => reader.ReadAsync(new QueueHandle(Queue), Lane.Normal, 10, Lane.Returned);

        (await read.Should().ThrowAsync<JobQueueUnavailableException>()).WithMessage("*WRONGPASS*");

        await File.WriteAllTextAsync(file, "new\n", _bound);
        (await read()).State.Should().Be(FetchState.Refused, "there is no such lane");
        File.Delete(file);
    }

    [Fact]
    public async Task A_file_of_a_password_that_can_not_be_read_is_said_and_is_no_fault_of_the_program()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "one");
        var directory = Directory.CreateTempSubdirectory("k8squeue-password-").FullName;
        var options = RedisFixture.Options(server);
        options.PasswordFile = directory;
        await using var queue = new RedisJobQueue(options);
        Func<Task>[] calls =
        [
            async () => await queue.CheckHealthAsync(_bound),
            async () => await queue.EnqueueAsync([Job("1")], _bound),
            async () => await queue.GetStatisticsAsync(Queue, _bound),
            async () => await RedisServerReader.ReadAsync(options),
        ];
        foreach (var call in calls)
            (await call.Should().ThrowAsync<JobQueueUnavailableException>()).WithMessage($"*{directory}*");
        Directory.Delete(directory);
    }

    [Fact]
    public async Task A_wrong_password_is_told_from_a_server_that_is_down()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "right");
        var options = RedisFixture.Options(server);
        (options.Password, options.OperationTimeout) = ("wrong", TimeSpan.FromSeconds(20));
        await using var queue = new RedisJobQueue(options);

        var check = async () => await queue.CheckHealthAsync(_bound);

        (await check.Should().ThrowAsync<JobQueueConfigurationException>()).WithMessage("*WRONGPASS*");
    }

    private static JobRequest Job(string payload) => new() { Queue = Queue, Type = "test.job", Payload = Encoding.UTF8.GetBytes(payload) };
}
