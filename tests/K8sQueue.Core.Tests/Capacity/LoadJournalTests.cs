using K8sQueue.Core.Capacity;

namespace K8sQueue.Core.Tests.Capacity;

public sealed class LoadJournalTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly LoadJournal _journal = new();

    [Fact]
    public void A_look_that_comes_late_makes_no_peak()
    {
        Look(0, 0);
        Look(600, 1000);

        var history = Read(600, 1000);
        history.Entries.Should().HaveCount(10);
        history.Entries.Should().AllSatisfy(minute => minute.Arrivals.Should().Be(100));
        history.ObservedSince.Should().Be(Noon);
    }

    [Fact]
    public void A_total_that_fell_is_a_new_beginning()
    {
        Look(0, 50);
        Look(10, 3);

        var history = Read(12, 5);
        history.ObservedSince.Should().Be(Noon.AddSeconds(10));
        history.Entries.Should().ContainSingle().Which.Arrivals.Should().Be(2);
    }

    [Fact]
    public void After_an_hour_nothing_is_left()
    {
        Look(0, 0);
        Look(10, 5);
        _journal.Report(Noon.AddSeconds(10), 5, new LoadSample { Elapsed = TimeSpan.FromSeconds(10) });

        Read(60 * 59, 5).Entries.Should().HaveCount(1);
        var later = Read(60 * 62, 5);
        later.Entries.Should().BeEmpty();
        later.ObservedSince.Should().BeNull();
    }

    private void Look(int seconds, long enqueued) => _journal.Report(Noon.AddSeconds(seconds), enqueued, LoadSample.None);

    private LoadHistory Read(int seconds, long enqueued) => _journal.Read(Noon.AddSeconds(seconds), enqueued);
}
