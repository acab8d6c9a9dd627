using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Redis.Resp;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>A test that knows that the broker is Redis: it looks at keys and does things to the server.</summary>
public abstract class RedisTest(RedisServer server) : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _open = [];

    /// <summary>How long a call may take where a test does not say.</summary>
    protected static TimeSpan CallTimeout { get; } = new RedisQueueOptions().OperationTimeout;

    protected string Queue { get; } = $"redis-{Guid.NewGuid():N}"[..18];

    protected RedisServer Server => server;

    private protected RedisKeys Keys => new(Queue);

    protected RedisJobQueue Jobs { get; private set; } = null!;

    protected CancellationToken Bound { get; } = new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    public virtual Task InitializeAsync()
    {
        Jobs = Client();
        return Task.CompletedTask;
    }

    public virtual async Task DisposeAsync()
    {
        _open.Reverse();
        foreach (var item in _open)
            await item.DisposeAsync();
    }

    /// <summary>Another process's view of the broker.</summary>
    protected RedisJobQueue Client(Action<RedisQueueOptions>? configure = null, TimeProvider? time = null)
    {
        var options = RedisFixture.Options(server);
        configure?.Invoke(options);
        var client = new RedisJobQueue(options, time);
        _open.Add(client);
        return client;
    }

    protected Task<IJobConsumer> OpenAsync(string name, RedisJobQueue? client = null) => OpenAsync(name, [Queue], client);

    protected async Task<IJobConsumer> OpenAsync(string name, string[] queues, RedisJobQueue? client = null)
    {
        var consumer = await (client ?? Jobs).OpenConsumerAsync(new JobConsumerOptions { Queues = queues, Name = name }, Bound);
        _open.Add(consumer);
        return consumer;
    }

    /// <summary>A consumer whose first beat is over. Resets the server's statistics.</summary>
    protected async Task<IJobConsumer> OpenAndBeatAsync(string name, RedisJobQueue client)
    {
        Raw("CONFIG", "RESETSTAT");
        var consumer = await OpenAsync(name, client);
        await Eventually.IsTrue(() => Calls("zadd") >= 2); // it has joined, and beaten
        return consumer;
    }

    protected async Task<JobId> EnqueueAsync(string payload = "{}", bool tracked = false) => (await Jobs.EnqueueAsync(
        [new JobRequest { Queue = Queue, Type = "test.job", Payload = System.Text.Encoding.UTF8.GetBytes(payload), Tracked = tracked }],
        Bound)).Single();

    protected async Task<JobLease> FetchOneAsync(IJobConsumer consumer)
    {
        while (true)
        {
            if ((await consumer.FetchAsync(1, Bound)) is [var lease])
                return lease;
        }
    }

    protected async Task<LeaseOutcome> CompleteAsync(IJobConsumer consumer, JobLease lease) =>
        (await consumer.CompleteAsync([new JobCompletion(lease)], Bound)).Single();

    protected Task<QueueStatistics> StatisticsAsync() => Jobs.GetStatisticsAsync(Queue, Bound).AsTask();

    /// <summary>Housekeeping, over and over for a while; what it did.</summary>
    protected async Task<MaintenanceReport> MaintainForAsync(TimeSpan span)
    {
        var started = TimeProvider.System.GetTimestamp();
        return await MaintainUntilAsync(_ => TimeProvider.System.GetElapsedTime(started) > span);
    }

    /// <summary>Housekeeping until it did something; what it did.</summary>
    protected async Task<MaintenanceReport> MaintainUntilAsync(Func<MaintenanceReport, bool> enough)
    {
        var total = default(MaintenanceReport);
        await Eventually.IsTrue(async () =>
        {
            total += await Jobs.MaintainAsync(Queue, Bound);
            return enough(total);
        });
        return total;
    }

    /// <summary>A turn of housekeeping that judges leases, as where it has gone on without a gap for long; the client is a patient one.</summary>
    protected async Task<MaintenanceReport> JudgeAsync(RedisJobQueue housekeeper)
    {
        Raw("HDEL", Keys.Reaper, "stamp");
        await housekeeper.MaintainAsync(Queue, Bound); // behind that gap it judges nothing, and notes which server this is
        Raw(Backdating.Housekeeping(Keys));
        return await housekeeper.MaintainAsync(Queue, Bound);
    }

    /// <summary>As if nobody had renewed what the consumer owns for so long.</summary>
    protected void Backdate(string consumer, TimeSpan silence) => Raw(Backdating.Leases(Keys, consumer, silence));

    /// <summary>Waits until the leases of a patient consumer, which were backdated by more than a lease, are renewed.</summary>
    protected Task RenewedAsync(string consumer) => Eventually.IsTrue(
        () => Raw(Backdating.LongestSilence(Keys, consumer)).Integer < RedisFixture.PatientLease.TotalMilliseconds);

    /// <summary>Runs it while the server stands still.</summary>
    protected async Task FrozenAsync(Func<Task> action)
    {
        await server.FreezeAsync();
        try
        {
            await action();
        }
        finally
        {
            await server.ThawAsync();
        }
    }

    /// <summary>A call that is given up, since the server stands still and its client's clock moves on by as long as a call may take.</summary>
    protected static async Task<JobQueueUnavailableException> GiveUpAsync(ManualTimeProvider time, Func<Task> call)
    {
        var calling = call();
        await Eventually.IsTrue(() =>
        {
            if (time.ActiveTimers > 0)
                time.Advance(CallTimeout);
            return calling.IsCompleted;
        });
        return (await FluentActions.Awaiting(() => calling).Should().ThrowAsync<JobQueueUnavailableException>()).Which;
    }

    /// <summary>A command on a connection of its own.</summary>
    private protected RespValue Raw(params object[] command) => RedisFixture.Raw(server, command);

    /// <summary>Runs a script of ours as another client would.</summary>
    private protected RespValue Run(RedisScript script, params object[] arguments)
    {
        var handle = new QueueHandle(Queue);
        return Raw(["EVAL", script.Text, $"{handle.KeyNames.Length}", .. handle.KeyNames, .. arguments]);
    }

    /// <summary>Lines of CLIENT LIST of the connections with a name.</summary>
    private protected string[] Connections(string clientName) =>
        [.. Raw("CLIENT", "LIST").Text.Split('\n').Where(l => l.Contains($" name={clientName} ", StringComparison.Ordinal))];

    /// <summary>How often the server ran a command since its statistics were reset.</summary>
    protected long Calls(string command)
    {
        var line = Raw("INFO", "commandstats").Text.Split('\n').SingleOrDefault(l => l.StartsWith($"cmdstat_{command}:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split('=', ',')[1], CultureInfo.InvariantCulture);
    }
}
