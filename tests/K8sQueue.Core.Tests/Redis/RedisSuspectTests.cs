using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>Jobs that were in processes that died: one of them may have ended them all.</summary>
public sealed class RedisSuspectTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Fact]
    public async Task Jobs_whose_worker_was_lost_twice_run_one_at_a_time_and_only_the_one_that_kills_it_is_poison()
    {
        var poison = await EnqueueAsync("poison");
        var beside = await EnqueueManyAsync(2);
        await LoseTwiceAsync(3);

        (await StatisticsAsync()).Should().BeEquivalentTo(new { Backlog = new Backlog(1, 0, Paused: false), Parked = 2L });
        var consumer = await OpenAsync("c1", Client());
        var ended = new List<JobId>();
        while (ended.Count < 3)
        {
            var leases = await consumer.FetchAsync(3, Bound);
            leases.Count.Should().BeLessThanOrEqualTo(1, "suspects run alone");
            if (leases is not [var lease])
                continue;
            lease.Job.Crashes.Should().Be(2);
            ended.Add(lease.Job.Id);
            if (lease.Job.Id != poison)
            {
                (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
                continue;
            }

            await consumer.DisposeAsync();
            await MaintainUntilAsync(r => r.Buried == 1);
            consumer = await OpenAsync("c2", Client());
        }

        (await Jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Should().ContainSingle().Which.Job.Id.Should().Be(poison);
        foreach (var id in beside)
            (await Jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Completed);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { Backlog = default(Backlog), Parked = 0L, CompletedTotal = 2L });
        ShouldLeaveNothing();
    }

    [Fact]
    public async Task A_suspect_whose_worker_lives_on_lets_the_next_one_in_and_all_of_them_are_demand()
    {
        var ids = await EnqueueManyAsync(4);
        await LoseTwiceAsync(4);
        var consumer = await OpenAsync("c1", Client());
        var running = new List<JobLease>();
        for (var i = 1; i <= 4; i++)
        {
            running.Add(await FetchOneAsync(consumer));
            (await consumer.FetchAsync(4, Bound)).Should().BeEmpty("it is on trial");
            (await StatisticsAsync()).Should().BeEquivalentTo(new { Backlog = new Backlog(0, i, Paused: false), Parked = 4L - i });
            await PassTrialAsync(running[^1]);
        }

        running.Select(l => l.Job.Id).Should().BeEquivalentTo(ids);
        (await consumer.CompleteAsync([.. running.Select(l => new JobCompletion(l))], Bound)).Should().AllBeEquivalentTo(LeaseOutcome.Done);
        ShouldLeaveNothing();
    }

    [Fact]
    public async Task Of_suspects_whose_worker_is_lost_only_the_one_on_trial_is_poison_and_the_others_are_tried_again()
    {
        await EnqueueManyAsync(2);
        await LoseTwiceAsync(2);
        var lost = await OpenAsync("lost-3", Client());
        var tried = await FetchOneAsync(lost);
        await PassTrialAsync(tried);
        var onTrial = await FetchOneAsync(lost);
        await lost.DisposeAsync();

        await MaintainUntilAsync(r => r is { Recovered: 1, Buried: 1 });

        (await Jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Should().ContainSingle().Which.Job.Id.Should().Be(onTrial.Job.Id);
        var consumer = await OpenAsync("c1", Client());
        var again = await FetchOneAsync(consumer);
        again.Job.Should().BeEquivalentTo(new { tried.Job.Id, Crashes = 3 });
        Raw("EXISTS", Keys.Suspect).Integer.Should().Be(1);
        (await CompleteAsync(consumer, again)).Should().Be(LeaseOutcome.Done);
        ShouldLeaveNothing();
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public async Task A_job_that_kills_its_worker_after_each_trial_is_poison_at_twice_as_many_losses(int crashes, bool isPoison)
    {
        AddSuspect(crashes);
        var lost = await OpenAsync("lost", Client());
        await FetchOneAsync(lost);
        await lost.DisposeAsync();

        var report = await MaintainUntilAsync(r => r.Recovered + r.Buried == 1);

        report.Buried.Should().Be(isPoison ? 1 : 0);
    }

    [Fact]
    public async Task A_suspect_that_was_tried_and_is_handed_back_is_none_any_more()
    {
        await EnqueueManyAsync(2);
        await LoseTwiceAsync(2);
        var consumer = await OpenAsync("c1", Client());
        var leases = new List<JobLease>();
        for (var i = 0; i < 2; i++)
        {
            leases.Add(await FetchOneAsync(consumer));
            await PassTrialAsync(leases[^1]);
        }

        await consumer.ReleaseAsync([leases[0]], Bound);
        await consumer.RetryAsync([new JobRetry(leases[1], TimeSpan.Zero, "again")], Bound);

        (await StatisticsAsync()).Should().BeEquivalentTo(new { Backlog = new Backlog(2, 0, Paused: false), Parked = 0L });
        (await consumer.FetchAsync(2, Bound)).Should().HaveCount(2).And.AllSatisfy(l => l.Job.Crashes.Should().Be(1));
        ShouldLeaveNothing();
    }

    [Fact]
    public async Task A_suspect_is_not_read_with_a_plain_command_which_could_not_begin_its_trial()
    {
        await EnqueueAsync();
        await EnqueueAsync();
        var id = AddSuspect(crashes: 2);
        Raw("SADD", Keys.Suspect, id.Ulid);
        var consumer = await OpenAsync("c1", Client(o => o.LeastDirectJobs = 1));
        for (var i = 0; i < 3; i++)
            await FetchOneAsync(consumer);

        Raw("HKEYS", Keys.Base + "trial").Items.Should().ContainSingle().Which.Text.Should().Be(id.Ulid);
    }

    private JobId AddSuspect(int crashes)
    {
        var id = JobId.Create(Queue, tracked: false, TimeProvider.System);
        Raw("XADD", Keys.LaneKey(Lane.Normal), "*", "h", $"1;{id.Ulid};1;{crashes};1;1;n;;;;;test.job", "p", "{}");
        return id;
    }

    private async Task<IReadOnlyList<JobId>> EnqueueManyAsync(int jobs) => (await Jobs.EnqueueAsync(
        [.. Enumerable.Repeat(new JobRequest { Queue = Queue, Type = "test.job", Tracked = true }, jobs)], Bound)).Ids();

    /// <summary>Two workers that have all the jobs are lost.</summary>
    private async Task LoseTwiceAsync(int jobs)
    {
        for (var crash = 1; crash <= 2; crash++)
        {
            var lost = await OpenAsync($"lost-{crash}", Client());
            var taken = 0;
            while (taken < jobs)
                taken += (await lost.FetchAsync(jobs, Bound)).Count;
            await lost.DisposeAsync();
            await MaintainUntilAsync(r => r.Recovered == jobs);
        }
    }

    /// <summary>The trial of a job is over.</summary>
    private async Task PassTrialAsync(JobLease lease)
    {
        Raw("HEXISTS", Keys.Base + "trial", lease.Job.Id.Ulid).Integer.Should().Be(1);
        Raw("HSET", Keys.Base + "trial", lease.Job.Id.Ulid, "1");
        await JudgeAsync(Client(RedisFixture.Patient));
        Raw("SISMEMBER", Keys.Suspect, lease.Job.Id.Ulid).Integer.Should().Be(0);
    }

    private void ShouldLeaveNothing()
    {
        Raw("KEYS", Keys.Base + "suspect*").Items.Should().BeEmpty();
        Raw("EXISTS", Keys.Base + "trial", Keys.Parked).Integer.Should().Be(0);
    }
}
