using System.Text;
using K8sQueue.Api.Enqueueing;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Enqueueing;

public sealed class EnqueueBatcherTests
{
    private static readonly ScriptedBroker.Step AtOnce = new(() => Task.CompletedTask);

    [Fact]
    public async Task A_job_alone_is_sent_before_the_call_returns()
    {
        await using var broker = new ScriptedBroker(_ => AtOnce);
        var batcher = new EnqueueBatcher(broker);
        var first = batcher.EnqueueAsync(Job("q", "1"), CancellationToken.None);
        broker.Calls.Should().Be(1);
        await first;
        var second = batcher.EnqueueAsync(Job("q", "2"), CancellationToken.None);
        broker.Calls.Should().Be(2, "the first call has ended");
        (await second).Id.Should().NotBe((await first).Id);
    }

    [Fact]
    public async Task What_arrives_during_a_call_goes_together_in_the_next_and_other_queues_do_not_wait()
    {
        var gate = new TaskCompletionSource();
        await using var broker = new ScriptedBroker(call => call == 1 ? new(() => gate.Task) : AtOnce);
        var batcher = new EnqueueBatcher(broker);
        Task<EnqueuedJob>[] answers = [.. Enumerable.Range(0, 11).Select(i => batcher.EnqueueAsync(Job("q", $"{i}"), CancellationToken.None))];
        await batcher.EnqueueAsync(Job("other", "0"), CancellationToken.None);
        broker.Calls.Should().Be(2);
        gate.SetResult();
        await Task.WhenAll(answers);
        broker.Calls.Should().Be(3);
        broker.Added.Last().Select(added => ScriptedBroker.PayloadOf(added.Job)).Should().Equal(Enumerable.Range(1, 10).Select(i => $"{i}"));
    }

    [Fact]
    public async Task A_batch_is_bounded_by_jobs_and_by_bytes()
    {
        var gate = new TaskCompletionSource();
        await using var broker = new ScriptedBroker(call => call == 1 ? new(() => gate.Task) : AtOnce);
        var batcher = new EnqueueBatcher(broker);
        var large = new byte[ApiLimits.BulkBatchBytes - 10];
        Array.Fill(large, (byte)'1');
        List<Task> answers = [batcher.EnqueueAsync(Job("q", "0"), CancellationToken.None)];
        for (var i = 0; i < ApiLimits.BulkBatchJobs + 3; i++)
            answers.Add(batcher.EnqueueAsync(Job("q", "0"), CancellationToken.None));
        for (var i = 0; i < 2; i++)
            answers.Add(batcher.EnqueueAsync(Job("q", "0") with { Payload = large }, CancellationToken.None));
        gate.SetResult();
        await Task.WhenAll(answers);
        broker.Added.Select(added => added.Count).Should().Equal(1, ApiLimits.BulkBatchJobs, 4, 1);
    }

    [Fact]
    public async Task An_invalid_job_fails_alone()
    {
        var gate = new TaskCompletionSource();
        await using var broker = new ScriptedBroker(call => call == 1 ? new(() => gate.Task) : AtOnce);
        var batcher = new EnqueueBatcher(broker);
        var first = batcher.EnqueueAsync(Job("q", "1"), CancellationToken.None);
        var invalid = batcher.EnqueueAsync(Job("q", ScriptedBroker.Invalid), CancellationToken.None);
        var third = batcher.EnqueueAsync(Job("q", "3"), CancellationToken.None);
        gate.SetResult();
        await first;
        await third;
        await invalid.Awaiting(task => task).Should().ThrowAsync<ArgumentException>();
        broker.Added.SelectMany(added => added).Select(added => ScriptedBroker.PayloadOf(added.Job)).Should().Equal("1", "3");
    }

    [Fact]
    public async Task A_request_that_is_cancelled_while_it_waits_is_not_sent_and_the_others_are()
    {
        var gate = new TaskCompletionSource();
        await using var broker = new ScriptedBroker(call => call == 1 ? new(() => gate.Task) : AtOnce);
        var batcher = new EnqueueBatcher(broker);
        using var leaving = new CancellationTokenSource();
        var sent = batcher.EnqueueAsync(Job("q", "1"), leaving.Token);
        var unsent = batcher.EnqueueAsync(Job("q", "2"), leaving.Token);
        var other = batcher.EnqueueAsync(Job("q", "3"), CancellationToken.None);
        await leaving.CancelAsync();
        await sent.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        await unsent.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        gate.SetResult();
        await other;
        broker.Added.SelectMany(added => added).Select(added => ScriptedBroker.PayloadOf(added.Job)).Should().Equal("1", "3");
    }

    [Fact]
    public async Task No_more_jobs_wait_than_may_and_there_is_room_again_when_they_are_sent()
    {
        var gate = new TaskCompletionSource();
        await using var broker = new ScriptedBroker(call => call == 1 ? new(() => gate.Task) : AtOnce);
        var batcher = new EnqueueBatcher(broker);
        List<Task> answers = [.. Enumerable.Range(0, ApiLimits.MaxWaitingJobs + 1).Select(i => batcher.EnqueueAsync(Job("q", $"{i}"), CancellationToken.None))];

        var refused = (await batcher.Awaiting(b => b.EnqueueAsync(Job("q", "\"late\""), CancellationToken.None)).Should().ThrowAsync<ProblemException>()).Which.Problem;
        await batcher.EnqueueAsync(Job("other", "0"), CancellationToken.None);
        gate.SetResult();
        await Task.WhenAll(answers);
        await batcher.EnqueueAsync(Job("q", "0"), CancellationToken.None);

        (refused.Type, refused.RetryAfterSeconds).Should().Be((ProblemTypes.Overloaded, 1));
        broker.Added.SelectMany(added => added).Should().NotContain(added => ScriptedBroker.PayloadOf(added.Job) == "\"late\"");
    }

    [Fact]
    public async Task No_more_bytes_wait_than_may()
    {
        var gate = new TaskCompletionSource();
        await using var broker = new ScriptedBroker(call => call == 1 ? new(() => gate.Task) : AtOnce);
        var batcher = new EnqueueBatcher(broker);
        var large = Job("q", "0") with { Payload = Encoding.UTF8.GetBytes(new string('1', 1024 * 1024)) };
        List<Task> answers = [batcher.EnqueueAsync(large, CancellationToken.None)];
        for (var i = 0; i < ApiLimits.MaxWaitingBytes / large.Payload.Length; i++)
            answers.Add(batcher.EnqueueAsync(large, CancellationToken.None));

        (await batcher.Awaiting(b => b.EnqueueAsync(Job("q", "0"), CancellationToken.None)).Should().ThrowAsync<ProblemException>())
            .Which.Problem.Type.Should().Be(ProblemTypes.Overloaded);
        gate.SetResult();
        await Task.WhenAll(answers);
        await batcher.EnqueueAsync(large, CancellationToken.None);
    }

    [Fact]
    public async Task When_the_broker_is_away_all_that_wait_are_told_at_once_and_what_was_given_up_leaves_room()
    {
        TaskCompletionSource[] gates = [new(), new()];
        await using var broker = new ScriptedBroker(call => call switch
        {
            1 => new(() => gates[0].Task, () => new JobQueueUnavailableException("It is down.")),
            2 => new(() => gates[1].Task),
            _ => AtOnce,
        });
        var batcher = new EnqueueBatcher(broker);
        using var leaving = new CancellationTokenSource();
        var left = batcher.EnqueueAsync(Job("q", "0"), leaving.Token);
        List<Task> waiting = [.. Enumerable.Range(0, ApiLimits.MaxWaitingJobs).Select(i => batcher.EnqueueAsync(Job("q", "0"), i % 2 == 0 ? leaving.Token : CancellationToken.None))];
        await leaving.CancelAsync();
        gates[0].SetResult();

        await Task.WhenAny(Task.WhenAll(waiting));
        waiting.Where((_, i) => i % 2 == 1).Should().OnlyContain(answer => answer.Exception!.InnerException is JobQueueUnavailableException);
        broker.Calls.Should().Be(1);
        await left.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        List<Task> later = [.. Enumerable.Range(0, ApiLimits.MaxWaitingJobs + 1).Select(_ => batcher.EnqueueAsync(Job("q", "0"), CancellationToken.None))];
        gates[1].SetResult();
        await Task.WhenAll(later);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Each_request_gets_its_own_answer_and_nothing_is_lost_or_doubled_whatever_the_broker_does(int series)
    {
        for (var round = 0; round < 50; round++)
        {
            var seed = (series * 1000) + round;
            await RunHistoryAsync(seed);
        }
    }

    private static async Task RunHistoryAsync(int seed)
    {
        var mine = new Random(seed);
        var brokers = new Random(seed + 1);
        await using var broker = new ScriptedBroker(_ => NextStep(brokers));
        var batcher = new EnqueueBatcher(broker);
        var requests = new List<(string Payload, bool Leaves, Task<EnqueuedJob> Answer)>();
        var left = new List<CancellationTokenSource>();
        for (var i = 0; i < 200; i++)
        {
            var payload = mine.Next(40) == 0 ? ScriptedBroker.Invalid : $"{i}";
            var leaves = mine.Next(10) == 0;
            var leaving = new CancellationTokenSource();
            left.Add(leaving);
            var job = Job($"q{mine.Next(3)}", payload) with { Tracked = mine.Next(2) == 0 };
            requests.Add((payload, leaves, batcher.EnqueueAsync(job, leaving.Token)));
            if (leaves)
                await leaving.CancelAsync();
            if (mine.Next(3) == 0)
                await Task.Yield();
        }

        foreach (var (_, _, answer) in requests)
            await Task.WhenAny(answer);
        await Eventually.IsTrue(async () => await IsIdleAsync(batcher), TimeSpan.FromSeconds(5));
        left.ForEach(leaving => leaving.Dispose());

        var because = $"seed {seed}";
        broker.Faults.Should().BeEmpty(because);
        var added = broker.Added.SelectMany(call => call).ToList();
        added.Select(a => ScriptedBroker.PayloadOf(a.Job)).Should().OnlyHaveUniqueItems(because);
        var byPayload = added.ToDictionary(a => ScriptedBroker.PayloadOf(a.Job), a => a.Answer.Id, StringComparer.Ordinal);
        foreach (var (payload, leaves, answer) in requests)
        {
            if (answer.IsCompletedSuccessfully)
                byPayload[payload].Should().Be((await answer).Id, because);
            else if (payload == ScriptedBroker.Invalid)
                (answer.IsCanceled || answer.Exception!.InnerException is ArgumentException or JobQueueUnavailableException).Should().BeTrue(because);
            else
                (answer.IsCanceled ? leaves : answer.Exception!.InnerException is JobQueueUnavailableException or JobQueueFullException).Should().BeTrue(because);

            // "Nothing was added" is a promise.
            if (answer.Exception?.InnerException is JobQueueFullException or ArgumentException)
                byPayload.Should().NotContainKey(payload, because);
        }

        foreach (var queue in added.GroupBy(a => a.Job.Queue))
            queue.Select(a => int.Parse(ScriptedBroker.PayloadOf(a.Job), System.Globalization.CultureInfo.InvariantCulture)).Should().BeInAscendingOrder(because);
    }

    // A job that waits behind all others of its queue is answered after them.
    private static async Task<bool> IsIdleAsync(EnqueueBatcher batcher)
    {
        for (var queue = 0; queue < 3; queue++)
            await Task.WhenAny(batcher.EnqueueAsync(Job($"q{queue}", ScriptedBroker.Invalid), CancellationToken.None));
        return true;
    }

    private static ScriptedBroker.Step NextStep(Random random)
    {
        int kind, yields;
        lock (random)
            (kind, yields) = (random.Next(10), random.Next(4));
        return new ScriptedBroker.Step(
            async () =>
            {
                for (var i = 0; i < yields; i++)
                    await Task.Yield();
            },
            kind switch
            {
                0 => () => new JobQueueUnavailableException("It is down."),
                1 => () => new JobQueueFullException("It is full."),
                _ => null,
            },
            kind == 2 ? () => new JobQueueUnavailableException("Its answer was lost.") : null);
    }

    private static JobRequest Job(string queue, string payload) => new() { Queue = queue, Type = "t", Payload = Encoding.UTF8.GetBytes(payload) };
}
