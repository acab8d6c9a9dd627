using FsCheck;
using FsCheck.Fluent;
using K8sQueue.Core.Capacity;

namespace K8sQueue.Core.Tests.Capacity;

public sealed class LoadHistogramTests
{
    // Of every size, from microseconds to days.
    private static readonly Gen<TimeSpan> Times = Gen.Choose(0, 39).SelectMany(
        octave => Gen.Choose(0, 999), (octave, part) => TimeSpan.FromMicroseconds((1L << octave) + ((1L << octave) * part / 1000)));

    [Fact]
    public void A_time_is_in_a_bucket_that_is_at_most_a_quarter_wider_than_it_begins() => Prop.ForAll(Times.ToArbitrary(), time =>
    {
        var index = LoadBuckets.IndexOf(time);
        var (start, end) = (LoadBuckets.StartOf(index), LoadBuckets.StartOf(index + 1));
        return start <= time && time < end && end - start <= (start / 4) + TimeSpan.FromMicroseconds(1);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Buckets_follow_each_other_without_a_gap() =>
        Enumerable.Range(0, LoadBuckets.Count).Should().AllSatisfy(index =>
        {
            LoadBuckets.IndexOf(LoadBuckets.StartOf(index)).Should().Be(index);
            LoadBuckets.StartOf(index + 1).Should().BeGreaterThan(LoadBuckets.StartOf(index));
        });

    [Fact]
    public void Times_out_of_the_layout_go_to_its_ends()
    {
        LoadBuckets.IndexOf(TimeSpan.FromSeconds(-5)).Should().Be(0);
        LoadBuckets.IndexOf(TimeSpan.FromDays(400)).Should().Be(LoadBuckets.Count - 1);
    }

    [Fact]
    public void The_mean_is_exact_and_a_percentile_is_in_the_bucket_of_the_real_one() => Prop.ForAll(Times.NonEmptyListOf().ToArbitrary(), times =>
    {
        var histogram = new LoadHistogram();
        foreach (var time in times)
            histogram.Add(time);
        var sorted = times.Order().ToList();
        var real = sorted[(int)Math.Ceiling(0.95 * sorted.Count) - 1];
        var index = LoadBuckets.IndexOf(real);
        var told = histogram.Percentile(0.95)!.Value;
        return histogram.Mean == new TimeSpan(times.Sum(t => t.Ticks)) / times.Count
            && told >= LoadBuckets.StartOf(index) && told <= LoadBuckets.StartOf(index + 1);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Two_together_are_as_one_that_counted_it_all() => Prop.ForAll(
        Times.ListOf().ToArbitrary(),
        Times.ListOf().ToArbitrary(),
        (first, second) =>
        {
            var (one, other, all) = (new LoadHistogram(), new LoadHistogram(), new LoadHistogram());
            foreach (var time in first)
                one.Add(time);
            foreach (var time in second)
                other.Add(time);
            foreach (var time in first.Concat(second))
                all.Add(time);
            one.Add(other);
            return one.Count == all.Count && one.Sum == all.Sum && one.Buckets.SequenceEqual(all.Buckets);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_nothing_nothing_is_known()
    {
        var histogram = new LoadHistogram();

        histogram.Mean.Should().BeNull();
        histogram.Percentile(0.95).Should().BeNull();
    }
}
