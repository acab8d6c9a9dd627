using K8sQueue.Api.Dashboard.Login;
using K8sQueue.Testing;
using Microsoft.AspNetCore.Http;

namespace K8sQueue.Api.Tests.Dashboard;

public sealed class SessionWatchTests
{
    [Fact]
    public async Task An_answer_ends_once_its_login_may_not_have_it_any_more()
    {
        var (context, time, may, looks) = (new DefaultHttpContext(), new ManualTimeProvider(), true, 0);
        var answer = SessionWatch.GuardAsync(
            context,
            () =>
            {
                Interlocked.Increment(ref looks);
                return Volatile.Read(ref may);
            },
            time,
            async () =>
            {
                var ended = new TaskCompletionSource();
                await using var _ = context.RequestAborted.Register(ended.SetResult);
                await ended.Task;
                return "ended";
            }).AsTask();
        await LookAsync(1);
        await LookAsync(2);
        answer.IsCompleted.Should().BeFalse();

        Volatile.Write(ref may, false);
        await LookAsync(3);

        (await answer.WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None)).Should().Be("ended");

        Task LookAsync(int count) => Eventually.IsTrue(() =>
        {
            if (Volatile.Read(ref looks) < count)
                time.Advance(SessionWatch.Interval);
            return Task.FromResult(Volatile.Read(ref looks) >= count);
        });
    }

    [Fact]
    public async Task An_answer_that_ends_by_itself_is_not_looked_at_any_more()
    {
        var (context, time, looks) = (new DefaultHttpContext(), new ManualTimeProvider(), 0);
        var aborted = context.RequestAborted;
        (await SessionWatch.GuardAsync(context, () => ++looks > 0, time, () => ValueTask.FromResult<object?>("done"))).Should().Be("done");
        time.Advance(2 * SessionWatch.Interval);
        looks.Should().Be(0);
        context.RequestAborted.Should().Be(aborted);
    }
}
