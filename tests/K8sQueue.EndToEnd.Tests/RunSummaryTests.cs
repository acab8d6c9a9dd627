using K8sQueue.Quickstart.Run;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>The summary of `make run` is checked, not printed: each kind of harm must fail it.</summary>
public sealed class RunSummaryTests
{
    private static readonly RunFacts Good = new()
    {
        Enqueued = 100,
        RecordedCompleted = 100,
        RightResults = 100,
        HttpJobs = 95,
        HttpJobsSeen = 95,
        HttpCalls = 96,
        Started = 104,
        Completed = 100,
        Retried = 1,
        Recovered = 2,
        Released = 1,
        Buried = 0,
        Remaining = 0,
        PeakConnections = 21,
        Budget = 28,
        PeakReady = 7,
        ExpectedPeak = 7,
        FinalReplicas = 0,
    };

    private static readonly Dictionary<string, RunFacts> ByHarm = new(StringComparer.Ordinal)
    {
        ["a lost job"] = Good with { Completed = 99, RecordedCompleted = 99 },
        ["a job completed twice"] = Good with { Completed = 101 },
        ["a record that disagrees"] = Good with { RecordedCompleted = 99 },
        ["a wrong result"] = Good with { RightResults = 99 },
        ["a job that never called"] = Good with { HttpJobsSeen = 94 },
        ["a start that nobody accounts for"] = Good with { Started = 105 },
        ["a dead job"] = Good with { Buried = 1 },
        ["a job left over"] = Good with { Remaining = 1 },
        ["a budget exceeded"] = Good with { PeakConnections = 29 },
        ["a measurement that saw nothing"] = Good with { PeakConnections = 0 },
        ["a pool that did not grow"] = Good with { PeakReady = 6 },
        ["a pool that did not go back to zero"] = Good with { FinalReplicas = 1 },
    };

    public static TheoryData<string> Harms => [.. ByHarm.Keys];

    [Fact]
    public void A_run_in_which_all_went_well_passes() => RunSummary.Of(Good).Should().OnlyContain(check => check.Holds);

    [Theory]
    [MemberData(nameof(Harms))]
    public void Every_harm_fails_a_check(string harm) =>
        RunSummary.Of(ByHarm[harm]).Should().Contain(check => !check.Holds, harm);
}
