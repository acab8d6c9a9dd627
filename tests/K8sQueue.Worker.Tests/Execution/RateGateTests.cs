using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Tests.Execution;

public sealed class RateGateTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData("100/1s", 100, 1000)]
    [InlineData("100/s", 100, 1000)]
    [InlineData("5/500ms", 5, 500)]
    [InlineData("30/m", 30, 60_000)]
    [InlineData("1/2h", 1, 7_200_000)]
    public void A_limit_is_jobs_in_a_period(string text, int jobs, int milliseconds)
    {
        RateLimit.Parse(text).Should().Be(new RateLimit(jobs, TimeSpan.FromMilliseconds(milliseconds)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("100")]
    [InlineData("100/")]
    [InlineData("0/1s")]
    [InlineData("1/0s")]
    [InlineData("-1/1s")]
    [InlineData("1.5/1s")]
    [InlineData("1/1 s")]
    [InlineData("1/1d")]
    [InlineData("9999999999/1s")]
    public void Anything_else_is_none(string text)
    {
        RateLimit.Parse(text).Should().BeNull();
    }

    [Fact]
    public async Task As_many_jobs_as_a_period_has_may_start_at_once_and_then_one_at_a_time()
    {
        var gate = Gate("10/1s");
        (await gate.WaitAsync(CancellationToken.None)).Should().Be(10);
        gate.Take(10);

        var next = gate.WaitAsync(CancellationToken.None).AsTask();
        gate.IsHolding.Should().BeTrue();
        _time.Advance(TimeSpan.FromMilliseconds(90));
        next.IsCompleted.Should().BeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(15));

        (await next.WaitAsync(TimeSpan.FromSeconds(30))).Should().Be(1);
        gate.IsHolding.Should().BeFalse();
    }

    [Fact]
    public async Task What_was_not_used_is_kept_for_one_period_and_no_more()
    {
        var gate = Gate("10/1s");
        gate.Take(10);

        _time.Advance(TimeSpan.FromMilliseconds(500));
        (await gate.WaitAsync(CancellationToken.None)).Should().Be(5);
        _time.Advance(TimeSpan.FromHours(1));
        (await gate.WaitAsync(CancellationToken.None)).Should().Be(10);
    }

    [Fact]
    public async Task Over_a_long_time_no_more_start_than_the_rate_and_one_period_allow()
    {
        var gate = Gate("7/1s");
        var started = 0;
        for (var step = 0; step < 1000; step++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            using var giveUp = new CancellationTokenSource();
            var wait = gate.WaitAsync(giveUp.Token).AsTask();
            if (wait.IsCompletedSuccessfully)
            {
                started += await wait;
                gate.Take(await wait);
            }

            await giveUp.CancelAsync();
        }

        started.Should().BeInRange(70, 77);
    }

    [Fact]
    public async Task A_wait_ends_when_it_is_cancelled_and_without_a_limit_there_is_none()
    {
        var gate = Gate("1/h");
        gate.Take(1);
        using var cancel = new CancellationTokenSource();
        var waiting = gate.WaitAsync(cancel.Token).AsTask();

        await cancel.CancelAsync();

        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>();
        gate.IsHolding.Should().BeFalse();
        (await new RateGate(Options.Create(new WorkerOptions()), _time).WaitAsync(CancellationToken.None)).Should().Be(int.MaxValue);
    }

    private RateGate Gate(string limit) => new(Options.Create(new WorkerOptions { RateLimit = RateLimit.Parse(limit) }), _time);
}
