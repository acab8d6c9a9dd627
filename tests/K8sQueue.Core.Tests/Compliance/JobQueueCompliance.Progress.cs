using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task The_record_of_a_tracked_job_shows_how_far_its_owner_said_it_is()
    {
        var ids = (await Jobs.EnqueueAsync([Request(tracked: true), Request(tracked: true), Request()], Bound)).Ids();
        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, 3);
        (await Jobs.GetJobAsync(ids[0], Bound))!.Progress.Should().BeNull();

        var began = Now();
        await consumer.ReportProgressAsync([.. leases.Select((l, i) => new JobProgressReport(l, i / 4d, i == 1 ? "file 3; of 4 (ü)" : null))], Bound);
        await consumer.ReportProgressAsync([new JobProgressReport(leases[0], 1d / 3)], Bound);

        var progress = (await Jobs.GetJobAsync(ids[0], Bound))!.Progress;
        progress.Should().BeEquivalentTo(new { Share = 1d / 3, Note = (string?)null });
        progress!.ReportedAt.Should().BeOnOrAfter(began).And.BeOnOrBefore(TimeProvider.System.GetUtcNow());
        (await Jobs.GetJobAsync(ids[1], Bound))!.Progress.Should().BeEquivalentTo(new { Share = 0.25, Note = "file 3; of 4 (ü)" });
        (await Jobs.GetJobAsync(ids[2], Bound)).Should().BeNull("it is not tracked");
        await CompleteAsync(consumer, leases[0]);
        (await Jobs.GetJobAsync(ids[0], Bound))!.Progress!.Share.Should().Be(1d / 3, "what was said last stays");
    }

    [Fact]
    public async Task Only_its_owner_says_how_far_a_job_is()
    {
        var id = await EnqueueAsync(Request(tracked: true));
        var owner = await OpenAsync();
        var other = await OpenAsync();
        var lease = await FetchOneAsync(owner);

        await other.ReportProgressAsync([new JobProgressReport(lease, 0.5)], Bound);
        (await Jobs.GetJobAsync(id, Bound))!.Progress.Should().BeNull();

        await CompleteAsync(owner, lease);
        await owner.ReportProgressAsync([new JobProgressReport(lease, 0.5)], Bound);
        (await Jobs.GetJobAsync(id, Bound))!.Should().BeEquivalentTo(new { State = JobState.Completed, Progress = (JobProgress?)null });
    }

    [Fact]
    public async Task Each_attempt_begins_without_progress()
    {
        var id = await EnqueueAsync(Request(tracked: true));
        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        await consumer.ReportProgressAsync([new JobProgressReport(lease, 0.5)], Bound);
        await consumer.RetryAsync([new JobRetry(lease, TimeSpan.FromMilliseconds(10), "no")], Bound);
        (await Jobs.GetJobAsync(id, Bound))!.Progress.Should().NotBeNull("it says how far the last attempt was");

        await MaintainUntilAsync(r => r.Promoted == 1);
        var again = await FetchOneAsync(consumer);
        (await Jobs.GetJobAsync(id, Bound))!.Progress.Should().BeNull();
        await consumer.ReportProgressAsync([new JobProgressReport(again, 0.25), new JobProgressReport(lease, 0.75)], Bound);
        (await Jobs.GetJobAsync(id, Bound))!.Progress!.Share.Should().Be(0.25, "the other lease is gone");
    }

    [Fact]
    public async Task Progress_that_makes_no_sense_is_refused()
    {
        await EnqueueAsync(Request(tracked: true));
        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        JobProgressReport[] invalid =
        [
            new(lease, -0.01), new(lease, 1.01), new(lease, double.NaN), new(lease, 0.5, new string('x', JobLimits.MaxProgressNoteLength + 1)),
        ];
        foreach (var report in invalid)
        {
            var call = async () => await consumer.ReportProgressAsync([report], Bound);
            await call.Should().ThrowAsync<ArgumentException>();
        }
    }
}
