using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Histories;

internal sealed partial class QueueHistory
{
    private async Task CancelAsync()
    {
        if (_jobs.Count == 0)
            return;
        var (id, job) = _jobs.ElementAt(_random.Next(Math.Max(0, _jobs.Count - 10), _jobs.Count));
        var outcome = await jobs.CancelAsync(id, _bound);
        var holder = _live.SelectMany(c => c.Held).LastOrDefault(l => l.Job.Id == id);
        switch (outcome)
        {
            case CancelOutcome.Cancelled:
                job.State.Should().BeOneOf([ModelState.Open, ModelState.Cancelled], "what ended otherwise was not cancelled");
                if (exact)
                    holder.Should().BeNull("what runs is not ended over its owner's head");
                job.State = ModelState.Cancelled;
                break;
            case CancelOutcome.Requested:
                (job.State == ModelState.Open || !id.IsTracked).Should().BeTrue("of a tracked job it is known that it ended");
                job.IsCancelled |= job.State == ModelState.Open;
                if (exact && holder is not null)
                    holder.Cancelled.IsCancellationRequested.Should().BeTrue();
                break;
            default:
                (job.State != ModelState.Open || job.MayBePoison || job.IsCancelled).Should().BeTrue("an open job is found");
                break;
        }
    }

    private async Task StopAsync()
    {
        if (Any(_live) is not { } consumer)
            return;
        var leases = consumer.Held.Where(l => _jobs[l.Job.Id].IsCancelled || _random.Next(8) == 0).ToList();
        _stopped += Ended(consumer, leases, await consumer.Consumer.CancelAsync(leases, _bound), j => j.State = ModelState.Cancelled);
    }

    private async Task LimitAsync()
    {
        _mostAtOnce = _random.Next(3) == 0 ? int.MaxValue : _random.Next(1, 6);
        var rate = _random.Next(3) == 0 ? new QueueRate(_random.Next(1, 200), TimeSpan.FromMilliseconds(_random.Next(1, 100))) : null;
        await jobs.SetLimitsAsync(
            queue, new QueueLimits { Concurrency = _mostAtOnce == int.MaxValue ? null : _mostAtOnce, Rate = rate }, _bound);
    }

    // What was cancelled ends in place of it; how many of them were put back.
    private int PutBack(ModelConsumer consumer, List<JobLease> leases, IReadOnlyList<LeaseOutcome> outcomes)
    {
        var stopped = 0;
        var done = Ended(consumer, leases, outcomes, job =>
        {
            if (!job.IsCancelled)
                return;
            job.State = ModelState.Cancelled;
            stopped++;
        });
        _stopped += stopped;
        return done - stopped;
    }
}
