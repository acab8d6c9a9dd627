using FsCheck;
using FsCheck.Fluent;
using K8sQueue.Kubernetes.WorkQueues;
using K8sQueue.Testing;

namespace K8sQueue.Kubernetes.Tests.WorkQueues;

public class WorkQueuePropertyTests
{
    private enum Step
    {
        Add,
        AddAfter,
        Take,
        Done,
        Advance,
    }

    [Fact]
    public void In_every_history_no_key_is_processed_twice_at_once_and_none_that_was_added_is_missed()
    {
        var steps = ArbMap.Default.GeneratorFor<byte>().Select(b => ((Step)(b % 5), (b / 5) % 6, (b / 30) + 1)).ListOf().ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(steps, history => Holds([.. history])));
    }

    [Fact]
    public async Task Many_workers_and_adders_process_every_key_after_its_last_add_and_never_two_at_once()
    {
        using var queue = new WorkQueue<int>("test");
        var (added, seen, busy) = (new int[20], new int[20], new int[20]);
        var overlaps = 0;
        var workers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (await queue.TakeAsync(default) is (true, var key))
            {
                if (Interlocked.Increment(ref busy[key]) > 1)
                    Interlocked.Increment(ref overlaps);
                seen[key] = Volatile.Read(ref added[key]);
                await Task.Yield();
                Interlocked.Decrement(ref busy[key]);
                queue.Done(key);
            }
        })).ToList();

        await Parallel.ForAsync(0, 20_000, (i, _) =>
        {
            Interlocked.Increment(ref added[i % 20]);
            queue.Add(i % 20);
            return ValueTask.CompletedTask;
        });
        await Eventually.IsTrue(() => Enumerable.Range(0, 20).All(k => Volatile.Read(ref seen[k]) == added[k]));
        queue.ShutDown();
        await Task.WhenAll(workers);

        overlaps.Should().Be(0);
    }

    // A model: needed = keys added since they were last taken; due = the earliest delay of each key; working = keys taken and not done.
    private static bool Holds(IReadOnlyList<(Step Step, int Key, int Seconds)> history)
    {
        var time = new ManualTimeProvider();
        using var queue = new WorkQueue<int>("test", time: time);
        var (needed, working, due, now) = (new HashSet<int>(), new List<int>(), new Dictionary<int, int>(), 0);
        foreach (var (step, key, seconds) in history)
        {
            switch (step)
            {
                case Step.Add:
                    queue.Add(key);
                    needed.Add(key);
                    break;
                case Step.AddAfter:
                    queue.AddAfter(key, TimeSpan.FromSeconds(seconds));
                    due[key] = Math.Min(now + seconds, due.GetValueOrDefault(key, int.MaxValue));
                    break;
                case Step.Take when queue.Count > 0:
                    var taken = queue.TakeAsync(default).AsTask().GetAwaiter().GetResult().Key;
                    if (working.Contains(taken) || !needed.Remove(taken))
                        return false;
                    working.Add(taken);
                    break;
                case Step.Done when working.Count > 0:
                    queue.Done(working[key % working.Count]);
                    working.RemoveAt(key % working.Count);
                    break;
                case Step.Advance:
                    now += seconds;
                    time.Advance(TimeSpan.FromSeconds(seconds));
                    foreach (var (arrived, _) in due.Where(d => d.Value <= now).ToList())
                    {
                        due.Remove(arrived);
                        needed.Add(arrived);
                    }

                    break;
            }

            if (queue.Count != needed.Except(working).Count())
                return false;
        }

        return true;
    }
}
