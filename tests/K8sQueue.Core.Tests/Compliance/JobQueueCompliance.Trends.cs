using K8sQueue.Core.Trends;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task Marks_are_kept_by_span_and_the_oldest_give_way()
    {
        (await Jobs.Trends.ReadAsync(Queue, TrendSpan.Week, Bound)).Should().BeEmpty();
        foreach (var span in TrendSpan.All)
        {
            var first = span.StepOf(TimeProvider.System.GetUtcNow());
            var marks = Enumerable.Range(0, span.Count + 11).Select(i => new TrendMark(first + i, new TrendTotals(10_000_000_000 + i, i, 2, 3_000_000_000))).ToArray();
            await Jobs.Trends.WriteAsync(Queue, span, marks, Bound);
            (await Jobs.Trends.ReadAsync(Queue, span, Bound)).Should().BeEquivalentTo(marks[^(span.Count + 1)..]);
        }

        (await Jobs.Trends.ReadAsync(Queue, TrendSpan.Hour, Bound)).Should().HaveCount(61, "spans do not touch each other");
        (await Jobs.Trends.ReadAsync(OtherQueue, TrendSpan.Hour, Bound)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_mark_takes_the_place_of_one_of_its_step_and_those_of_all_queues_stand_apart()
    {
        var mark = new TrendMark(TrendSpan.Day.StepOf(TimeProvider.System.GetUtcNow()), new TrendTotals(1, 2, 3, 4));
        var later = mark with { Totals = new TrendTotals(5, 6, 7, 8) };
        await Jobs.Trends.WriteAsync(queue: null, TrendSpan.Day, [mark], Bound);
        await Jobs.Trends.WriteAsync(queue: null, TrendSpan.Day, [later], Bound);
        (await Jobs.Trends.ReadAsync(queue: null, TrendSpan.Day, Bound)).Should().Contain(later).And.NotContain(mark);
        (await Jobs.Trends.ReadAsync(Queue, TrendSpan.Day, Bound)).Should().BeEmpty();
    }

    [Fact]
    public async Task Waits_are_kept_by_span_beside_the_marks()
    {
        (await Jobs.Trends.ReadWaitsAsync(Queue, TrendSpan.Week, Bound)).Should().BeEmpty();
        foreach (var span in TrendSpan.All)
        {
            var first = span.StepOf(TimeProvider.System.GetUtcNow());
            var waits = Enumerable.Range(0, span.Count + 11).Select(i => new WaitMark(first + i, TimeSpan.FromMilliseconds(i / 4.0), TimeSpan.FromMinutes(i))).ToArray();
            foreach (var mark in waits)
                await Jobs.Trends.WriteWaitsAsync(Queue, span, mark, Bound);
            (await Jobs.Trends.ReadWaitsAsync(Queue, span, Bound)).Should().BeEquivalentTo(waits[^(span.Count + 1)..]);
        }

        (await Jobs.Trends.ReadAsync(Queue, TrendSpan.Week, Bound)).Should().BeEmpty("waits and marks do not touch each other");
        await Jobs.Trends.WriteAsync(Queue, TrendSpan.Week, [new TrendMark(TrendSpan.Week.StepOf(TimeProvider.System.GetUtcNow()), default)], Bound);
        (await Jobs.Trends.ReadWaitsAsync(Queue, TrendSpan.Hour, Bound)).Should().HaveCount(61);
        (await Jobs.Trends.ReadWaitsAsync(OtherQueue, TrendSpan.Hour, Bound)).Should().BeEmpty();
    }
}
