using System.Collections.Concurrent;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Telemetry;
using K8sQueue.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Worker.Tests.Execution;

public sealed class MaintenanceLoopTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly ManualTimeProvider _time = new();
    private readonly FaultyJobQueue _queue = new(new InMemoryJobQueue());
    private readonly ConcurrentDictionary<string, int> _turns = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _never = new();
    private readonly CancellationTokenSource _stop = new();
    private ServiceProvider? _services;

    [Fact]
    public async Task Each_queue_is_kept_at_the_interval_that_its_broker_was_told()
    {
        Start(["a", "b"], name => Task.FromResult(_turns.AddOrUpdate(name, 1, (_, turns) => turns + 1)));

        for (var turn = 1; turn <= 4; turn++)
        {
            await Eventually.IsTrue(() => TurnsOf("a") == turn && TurnsOf("b") == turn && _time.ActiveTimers > 0);
            _time.Advance(Interval);
        }
    }

    [Fact]
    public async Task A_queue_whose_broker_is_slow_does_not_hold_up_the_others()
    {
        Start(["slow", "quick"], name =>
        {
            _turns.AddOrUpdate(name, 1, (_, turns) => turns + 1);
            return name == "slow" ? _never.Task : Task.CompletedTask;
        });

        for (var turn = 1; turn <= 4; turn++)
        {
            await Eventually.IsTrue(() => TurnsOf("quick") == turn);
            _time.Advance(Interval);
        }

        TurnsOf("slow").Should().Be(1);
    }

    [Fact]
    public async Task Many_queues_of_a_broker_that_swallows_every_call_leave_the_worker_alive()
    {
        const int Queues = 30;
        var calls = 0;
        var reasons = new ConcurrentQueue<string?>();
        Start([.. Enumerable.Range(0, Queues).Select(i => $"q{i}")], async _ =>
        {
            if (Interlocked.Increment(ref calls) > Queues)
                await _never.Task;
            await Task.Yield();
            _time.Advance(TimeSpan.FromSeconds(5));
            reasons.Enqueue(_services!.GetRequiredService<WorkerHealth>().NotLiveReason);
            throw new JobQueueUnavailableException("No answer.");
        });

        await Eventually.IsTrue(() => reasons.Count == Queues, TimeSpan.FromSeconds(10));

        reasons.Should().AllSatisfy(reason => reason.Should().BeNull());
    }

    [Fact]
    public async Task One_question_a_turn_finds_the_queues_that_are_due_and_no_other_is_kept()
    {
        string[] queues = [.. Enumerable.Range(0, 100).Select(i => $"q{i}")];
        var questions = 0;
        _queue.Finding = asked =>
        {
            asked.Should().Equal(queues);
            return Interlocked.Increment(ref questions) % 2 == 0 ? ["q7"] : [];
        };
        Start(queues, name => Task.FromResult(_turns.AddOrUpdate(name, 1, (_, turns) => turns + 1)));

        for (var turn = 1; turn <= 6; turn++)
        {
            await Eventually.IsTrue(() => questions == turn && TurnsOf("q7") == turn / 2 && _time.ActiveTimers > 0);
            _time.Advance(Interval);
        }

        _turns.Keys.Should().Equal("q7");
    }

    [Fact]
    public async Task A_worker_whose_queues_turns_all_hang_is_not_live()
    {
        Start(["a", "b"], _ => _never.Task);
        var health = _services!.GetRequiredService<WorkerHealth>();
        await Eventually.IsTrue(() => _time.ActiveTimers > 0);

        _time.Advance(WorkerHealth.PulseTimeout + Interval);
        await Eventually.IsTrue(() => _time.ActiveTimers > 0);

        health.NotLiveReason.Should().Contain("has not turned");
    }

    [Fact]
    public async Task Housekeeping_goes_on_after_the_broker_did_not_say_what_is_due()
    {
        var down = true;
        var questions = 0;
        _queue.Finding = asked =>
        {
            Interlocked.Increment(ref questions);
            return Volatile.Read(ref down) ? throw new JobQueueUnavailableException("No answer.") : asked;
        };
        Start(["a"], name => Task.FromResult(_turns.AddOrUpdate(name, 1, (_, turns) => turns + 1)));
        await Eventually.IsTrue(() => questions == 1 && _time.ActiveTimers > 0);
        _services!.GetRequiredService<WorkerHealth>().NotReadyReason.Should().Contain("No answer.");

        Volatile.Write(ref down, false);
        _time.Advance(Interval);

        await Eventually.IsTrue(() => TurnsOf("a") == 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _never.TrySetCanceled(_stop.Token);
        await _services!.DisposeAsync();
        _stop.Dispose();
    }

    private int TurnsOf(string queue) => _turns.GetValueOrDefault(queue);

    private void Start(string[] queues, Func<string, Task> maintaining)
    {
        _queue.Maintaining = maintaining;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(_time);
        services.AddSingleton<IJobQueue>(_queue);
        services.Configure<RedisQueueOptions>(o => o.MaintenanceInterval = Interval);
        services.AddK8sQueueWorker(o =>
        {
            foreach (var queue in queues)
                o.Queues.Add(queue);
        });
        _services = services.BuildServiceProvider();
        _ = _services.GetRequiredService<MaintenanceLoop>().RunAsync(_stop.Token);
    }
}
