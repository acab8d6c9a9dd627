using System.Collections.Concurrent;
using System.Globalization;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Redis.Producers;
using K8sQueue.Core.Telemetry;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>How calls wait for the server's disk where it is asked (WAITAOF), over a server that says when it has written.</summary>
public sealed class DiskSyncTests : IAsyncDisposable
{
    private const string Written = "*2\r\n:1\r\n:0\r\n";
    private const string NotWritten = "*2\r\n:0\r\n:0\r\n";

    private readonly ConcurrentQueue<string[]> _waits = new();
    private readonly List<IAsyncDisposable> _open = [];
    private ProducerSocket? _socket;

    [Fact]
    public async Task Calls_at_the_same_time_share_the_waits_for_the_disk()
    {
        using var disk = new SemaphoreSlim(1);
        Start(async _ =>
        {
            await disk.WaitAsync(CancellationToken.None);
            return Written;
        });
        await EnqueueAsync();
        _waits.Clear();

        var calls = Enumerable.Range(0, 20).Select(_ => EnqueueAsync()).ToArray();
        disk.Release(calls.Length);
        await Task.WhenAll(calls);

        _waits.Should().HaveCountGreaterThanOrEqualTo(1).And.HaveCountLessThanOrEqualTo(2, "the second is for those that were sent behind the first")
            .And.AllSatisfy(wait => long.Parse(wait[3], CultureInfo.InvariantCulture).Should().BeInRange(1, 5000, "it is what is left of the time-out"));
    }

    [Fact]
    public async Task A_wait_that_was_cut_short_is_taken_up_again_by_a_call_that_has_time()
    {
        Start(_ => Task.FromResult(_waits.Count < 3 ? NotWritten : Written));

        await EnqueueAsync();

        _waits.Should().HaveCount(3);
    }

    [Fact]
    public async Task A_disk_that_is_not_in_time_is_named()
    {
        var time = new ManualTimeProvider();
        Start(_ => new TaskCompletionSource<string>().Task, time: time);

        var call = EnqueueAsync();
        await Eventually.IsTrue(() => !_waits.IsEmpty);
        time.Advance(new RedisQueueOptions().OperationTimeout);

        (await FluentActions.Awaiting(() => call).Should().ThrowAsync<JobQueueUnavailableException>()).WithMessage("*did not have the jobs on its disk in time*");
    }

    [Fact]
    public async Task A_refusal_to_wait_is_the_calls_failure()
    {
        Start(_ => Task.FromResult("-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n"));

        (await FluentActions.Awaiting(EnqueueAsync).Should().ThrowAsync<InvalidOperationException>()).WithMessage("*appendonly is disabled*");
    }

    [Fact]
    public async Task A_server_that_sends_the_jobs_elsewhere_acknowledges_none()
    {
        Start(_ => Task.FromResult(Written), enqueue: "-MOVED 3999 127.0.0.1:1\r\n");

        (await FluentActions.Awaiting(EnqueueAsync).Should().ThrowAsync<JobQueueUnavailableException>()).WithMessage("*MOVED*");
        _waits.Should().BeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        foreach (var item in _open)
            await item.DisposeAsync();
    }

    private void Start(Func<string[], Task<string>> wait, string? enqueue = null, TimeProvider? time = null)
    {
        var server = new FakeRedis(async command =>
        {
            if (command[0] == "EVALSHA")
                return enqueue;
            if (command[0] != "WAITAOF")
                return null;
            _waits.Enqueue(command);
            return await wait(command);
        });
        var options = new RedisQueueOptions { Address = server.Address, Durability = JobDurability.Fsync };
        var services = new RedisServices(
            options, new RedisEndpoint(options), time ?? TimeProvider.System, NullLoggerFactory.Instance, new JobQueueMetrics());
        _open.AddRange([services.Connection, server]);
        _socket = new ProducerSocket(services);
    }

    private async Task EnqueueAsync() => (await _socket!.TryRunAsync(
        large: false, call => call.EvaluateAsync(RedisScript.Add, new QueueHandle("q"), [], isAlone: true))).Should().BeTrue();
}
