using K8sQueue.Api.Events;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Tests.Events;

public sealed class JobEndingsTests
{
    private static readonly JobId Job = JobId.Create("q", tracked: true, TimeProvider.System);
    private static readonly JobId Other = JobId.Create("q", tracked: true, TimeProvider.System);

    [Theory]
    [InlineData(JobEventKind.Completed, true)]
    [InlineData(JobEventKind.Buried, true)]
    [InlineData(JobEventKind.Cancelled, true)]
    [InlineData(JobEventKind.Added, false)]
    [InlineData(JobEventKind.Started, false)]
    [InlineData(JobEventKind.Progress, false)]
    [InlineData(JobEventKind.Failed, false)]
    [InlineData(JobEventKind.Recovered, false)]
    [InlineData(JobEventKind.Released, false)]
    [InlineData(JobEventKind.Redriven, false)]
    public void Everybody_who_waits_for_a_job_is_told_that_it_has_ended(JobEventKind kind, bool ended)
    {
        var endings = new JobEndings();
        using var first = endings.Wait(Job);
        using var second = endings.Wait(Job);
        using var other = endings.Wait(Other);

        endings.Tell([Event(kind)]);

        IsTold(first).Should().Be(ended);
        IsTold(second).Should().Be(ended);
        IsTold(other).Should().BeFalse();
    }

    [Fact]
    public void Who_has_left_is_not_told_and_others_are()
    {
        var endings = new JobEndings();
        var left = endings.Wait(Job);
        using var stays = endings.Wait(Job);
        left.Dispose();
        left.Dispose();
        endings.Tell([Event(JobEventKind.Completed)]);
        IsTold(left).Should().BeFalse();
        IsTold(stays).Should().BeTrue();
    }

    [Fact]
    public void Where_events_were_missed_everybody_looks()
    {
        var endings = new JobEndings();
        using var first = endings.Wait(Job);
        using var other = endings.Wait(Other);
        endings.TellAll();
        IsTold(first).Should().BeTrue();
        IsTold(other).Should().BeTrue();
    }

    private static bool IsTold(JobEndings.Waiter waiter) => waiter.Told.Task.IsCompleted;

    private static JobEvent Event(JobEventKind kind) => new() { Id = new JobEventId(1, 0), Job = Job, Kind = kind };
}
