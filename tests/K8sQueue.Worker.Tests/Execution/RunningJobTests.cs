using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Worker.Tests.Execution;

/// <summary>A job that is told to wait no more: before it waits, while it does, and where it need not.</summary>
public sealed class RunningJobTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_waits_or_would_have_to_is_stopped(bool waits)
    {
        var sut = Job();
        if (waits)
            sut.Wait();
        sut.StopWaiting(StopCause.Draining);
        sut.Stopping.IsCancellationRequested.Should().Be(waits, "who does not wait may not have to");

        sut.Wait();

        sut.Stopping.IsCancellationRequested.Should().BeTrue();
        sut.Cause.Should().Be(StopCause.Draining);
        sut.Invoking(Begin).Should().Throw<OperationCanceledException>("its turn came too late");
        sut.HasStarted.Should().BeFalse();
    }

    [Fact]
    public void Who_need_not_wait_starts()
    {
        var sut = Job();
        sut.StopWaiting(StopCause.Draining);

        Begin(sut);

        sut.HasStarted.Should().BeTrue();
        sut.Stopping.IsCancellationRequested.Should().BeFalse();
    }

    private void Begin(RunningJob job) => job.Begin(_time.GetTimestamp(), _time.GetUtcNow());

    private RunningJob Job()
    {
        var envelope = new JobEnvelope
        {
            Id = JobId.Create("q", tracked: false, _time), Type = "t", Payload = default, Retry = RetryPolicy.Default, EnqueuedAt = _time.GetUtcNow(),
        };
        return new RunningJob(new JobLease(envelope, "1-0", Lane.Normal, CancellationToken.None), handler: null, _services.GetRequiredService<IServiceScopeFactory>());
    }
}
