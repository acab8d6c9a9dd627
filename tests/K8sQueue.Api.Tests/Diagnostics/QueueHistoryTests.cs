using K8sQueue.Api.Diagnostics;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Diagnostics;

public sealed class QueueHistoryTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void The_oldest_sample_of_the_last_minutes_is_what_a_queue_was_before()
    {
        var history = new QueueHistory(_time);
        history.Before("emails").Should().Be(default((QueueStatistics?, TimeSpan)));
        for (var i = 0; i < 240; i++)
        {
            history.Add([new QueueStatistics { Queue = "emails", Backlog = default, DeadLetters = i }]);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        var (counts, ago) = history.Before("emails");

        ago.Should().BeGreaterThan(QueueHistory.Span - QueueHistory.Step).And.BeLessThanOrEqualTo(QueueHistory.Span + QueueHistory.Step);
        counts!.DeadLetters.Should().Be(240 - (long)(ago.TotalSeconds / 5));
        history.Before("new").Counts.Should().BeNull();
    }
}
