using K8sQueue.Core.Redis.Consumers;

namespace K8sQueue.Core.Tests.Redis;

public sealed class QueueTurnsTests
{
    private readonly QueueTurns _turns = new(4);

    [Fact]
    public void Before_anything_is_known_nobody_is_asked()
    {
        _turns.HasAny.Should().BeFalse();
        _turns.Next(10).Should().BeEmpty();
    }

    [Fact]
    public void Queues_that_have_jobs_are_asked_for_what_they_have_and_no_more_than_the_fetch_may_take()
    {
        Looked(2, 0, 5, 9);

        _turns.Next(10).Should().Equal((0, 2), (2, 5), (3, 3));
    }

    [Fact]
    public void The_next_call_goes_on_behind_the_last_queue_that_was_asked()
    {
        Looked(9, 9, 0, 9);

        var asked = Enumerable.Range(0, 6).Select(_ => _turns.Next(1).Single().Queue);

        asked.Should().Equal(0, 1, 3, 0, 1, 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(500)]
    public void No_queue_waits_for_more_than_one_turn_of_each_other(int max)
    {
        const int Queues = 100;
        var turns = new QueueTurns(Queues);
        turns.Looked(Enumerable.Repeat(new FoundQueue(1000, FetchState.Open), Queues).ToArray());
        var given = new long[Queues];
        for (var i = 0; i < Queues; i++)
        {
            var asked = turns.Next(max);
            asked.Sum(a => a.Wanted).Should().Be(max);
            foreach (var (queue, wanted) in asked)
            {
                given[queue] += wanted;
                turns.Gave(queue, wanted, wanted, FetchState.Open);
            }
        }

        given.Should().AllBeEquivalentTo((long)max);
    }

    [Fact]
    public void One_that_gave_fewer_than_it_was_asked_for_has_no_more()
    {
        Looked(5, 0, 0, 1);
        _turns.Gave(0, wanted: 3, given: 2, FetchState.Open);

        _turns.Next(10).Should().Equal((3, 1));
    }

    [Fact]
    public void One_that_gave_all_has_the_rest_still()
    {
        Looked(5, 0, 0, 0);
        _turns.Gave(0, wanted: 3, given: 3, FetchState.Open);

        _turns.Next(10).Should().Equal((0, 2));
    }

    [Fact]
    public void A_queue_that_is_paused_or_has_limits_is_not_waited_for()
    {
        Looked(0, 3, 0, 3);
        _turns.Gave(0, wanted: 3, given: 0, FetchState.Paused);
        _turns.Gave(1, wanted: 3, given: 0, FetchState.Limited);

        _turns.Next(10).Should().Equal((3, 3));
        _turns.Open.Should().Equal(2, 3);
        _turns.Closed.Should().Equal(0, 1);
        _turns.IsPaused(0).Should().BeTrue();
        _turns.IsPaused(1).Should().BeFalse();

        Looked(1, 0, 0, 0);
        _turns.Open.Should().Equal(0, 1, 2, 3);
        _turns.Next(10).Should().Equal((0, 1));
    }

    [Fact]
    public void Where_groups_are_missing_each_queue_is_asked()
    {
        _turns.Suspect();

        _turns.Next(3).Select(a => a.Queue).Should().Equal(0, 1, 2);
        _turns.HasAny.Should().BeTrue();
    }

    private void Looked(params long[] jobs) => _turns.Looked(Array.ConvertAll(jobs, j => new FoundQueue(j, FetchState.Open)));
}
