using K8sQueue.Api.Diagnostics;

namespace K8sQueue.Api.Tests.Diagnostics;

/// <summary>Every check finds what it is for, and nothing else does.</summary>
public sealed class DiagnosticChecksTests
{
    private static readonly Dictionary<string, (DiagnosticFacts Facts, string Detail)> Errors = new()
    {
        ["redis-unreachable"] = (Facts.Good with { Redis = null, RedisFault = "refused", Cache = null, HasCache = false }, "refused"),
        ["eviction-policy"] = (Redis(r => r with { EvictionPolicy = "allkeys-lru", EvictedKeys = 7 }), "*allkeys-lru; 7 keys*"),
        ["persistence-off"] = (Redis(r => r with { AppendOnly = false }), "*no snapshots*"),
        ["old-redis"] = (Redis(r => r with { Version = "6.2.14" }), "Redis is 6.2.14."),
        ["memory-nearly-full"] = (Redis(r => r with { UsedMemory = 95 << 20, MaxMemory = 100 << 20 }), "95* of 100 MiB are in use."),
        ["rejected-connections"] = (Redis(r => r with { ConnectedClients = 9_000 }), "9000 of 10000*"),
        ["clock-skew"] = (Redis(r => r with { ClockOffset = TimeSpan.FromMinutes(-1) }), "*60.0 s behind*"),
        ["no-consumers"] = (Facts.Good with { Queues = [Facts.Queue(consumers: 0, ageSeconds: 120)] }, "emails: 5 jobs wait, the oldest for 120 s*"),
        ["cache-unreachable"] = (Facts.Good with { Cache = null, CacheFault = "down" }, "down"),
        ["cache-shares-redis"] = (Facts.Good with { Cache = Facts.Redis }, "*run_id*"),
        ["rate-limits-away"] = (Facts.Good with { RateLimitFault = "refused" }, "refused"),
        ["postgresql-failing"] = (Facts.Good with { PostgresFault = "stopped" }, "stopped"),
        ["cluster-unreachable"] = (Facts.Good with { ClusterFault = "forbidden", Pools = null, Budgets = null }, "forbidden"),
        ["pool-not-observed"] = (Facts.Good with { Pools = [Unobserved()] }, "shop/emails: *"),
        ["pool-not-ready"] = (Facts.Good with { Pools = [Facts.Pool(("Ready", "False"))] }, "shop/emails: Why: Because."),
        ["budget-over-capacity"] = (Facts.Good with { Budgets = [Facts.Budget(inUse: 81)] }, "shop/orders-db: 81 in use and 20 reserved, of 100"),
        ["budget-not-ready"] = (Facts.Good with { Budgets = [Facts.Budget(capacity: null, conditions: [("Ready", "False")])] }, "shop/orders-db: Why: Because."),
    };

    private static readonly Dictionary<string, (DiagnosticFacts Facts, string Detail)> Warnings = new()
    {
        ["persistence-off"] = (Redis(r => r with { AppendOnly = false, Snapshots = "3600 1" }), "*since the last snapshot*"),
        ["old-redis"] = (Redis(r => r with { Version = "7.0.15" }), "Redis is 7.0.15."),
        ["memory-nearly-full"] = (Redis(r => r with { UsedMemory = 80 << 20, MaxMemory = 100 << 20 }), "80*"),
        ["rejected-connections"] = (Redis(r => r with { RejectedConnections = 3 }), "3 connections*"),
        ["clock-skew"] = (Redis(r => r with { ClockOffset = TimeSpan.FromSeconds(3) }), "*3.0 s ahead of*"),
        ["oldest-job-ages"] = (Facts.Good with { Queues = [Facts.Queue(ageSeconds: 600, ageBefore: 300)] }, "emails: the oldest job was 300 s old 300 s ago, and is 600 s old now"),
        ["paused-with-backlog"] = (Facts.Good with { Queues = [Facts.Queue(paused: true, ageSeconds: 9000)] }, "emails: 5 jobs wait"),
        ["dead-letters-grow"] = (Facts.Good with { Queues = [Facts.Queue(deadLetters: 4)] }, "emails: 3 more in 300 s, 4 in all"),
        ["two-kinds-of-consumers"] = (Facts.Good with { Queues = [Facts.Queue() with { Workers = ["emails-1", "host.api"] }] }, "*by host.api, and by emails-1"),
        ["two-queue-systems"] = (Facts.Good with { Queues = [Facts.Queue() with { ForeignKeys = ["bull:emails:meta"] }] }, "emails: there is bull:emails:meta, too"),
        ["signal-incomplete"] = (Facts.Good with { Pools = [Facts.Pool(("SignalComplete", "False"))] }, "shop/emails: Why: Because."),
        ["budget-unaccounted"] = (Facts.Good with { Budgets = [Facts.Budget(conditions: [("Unaccounted", "True")])] }, "shop/orders-db: Why: Because."),
    };

    public static TheoryData<string> Ids => [.. DiagnosticChecks.All.Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_check_finds_what_it_is_for_and_the_others_do_not(string id)
    {
        var cases = new[] { (Errors, DiagnosticStatus.Error), (Warnings, DiagnosticStatus.Warning) }
            .Where(kind => kind.Item1.ContainsKey(id)).Select(kind => (kind.Item1[id].Facts, kind.Item1[id].Detail, Status: kind.Item2)).ToList();
        cases.Should().NotBeEmpty("each check has a case here");
        foreach (var (facts, detail, status) in cases)
        {
            var document = DiagnosticsDocument.From(facts, DateTimeOffset.UnixEpoch);

            document.Status.Should().Be(status);
            var found = document.Checks.Should().ContainSingle(check => check.Status >= DiagnosticStatus.Warning).Which;
            (found.Id, found.Status).Should().Be((id, status));
            found.Detail.Should().Match(detail);
        }
    }

    [Fact]
    public void Where_all_is_well_no_check_finds_anything()
    {
        var document = DiagnosticsDocument.From(Facts.Good, DateTimeOffset.UnixEpoch);
        document.Status.Should().Be(DiagnosticStatus.Ok);
        document.Checks.Should().OnlyContain(check => check.Status == DiagnosticStatus.Ok && check.Detail == null);
    }

    [Fact]
    public void What_can_not_be_read_is_skipped_with_the_reason()
    {
        var nothing = DiagnosticsDocument.From(new DiagnosticFacts(), DateTimeOffset.UnixEpoch);
        nothing.Status.Should().Be(DiagnosticStatus.Ok);
        nothing.Checks.Where(check => check.Id != "redis-unreachable").Should().OnlyContain(check => check.Status == DiagnosticStatus.Skipped && check.Detail != null);
    }

    [Theory]
    [InlineData(0, 119, true)]
    [InlineData(2, 9000, true)]
    [InlineData(0, 121, false)]
    public void A_queue_without_consumers_is_one_once_a_pool_had_the_time_to_start(int consumers, double age, bool fine) =>
        StatusOf("no-consumers", Facts.Queue(consumers: consumers, ageSeconds: age, ageBefore: age)).Should().Be(fine ? DiagnosticStatus.Ok : DiagnosticStatus.Error);

    [Theory]
    [InlineData(600, 590, 300, "a backlog that stands is not one that grows")]
    [InlineData(299, 1, 298, "jobs that are minutes old are not late")]
    [InlineData(600, 560, 40, "too short a time to tell")]
    public void An_age_that_does_not_grow_is_fine(double now, double before, double span, string because) =>
        StatusOf("oldest-job-ages", Facts.Queue(ageSeconds: now, ageBefore: before, span: span)).Should().Be(DiagnosticStatus.Ok, because);

    [Fact]
    public void Of_many_subjects_twenty_are_named()
    {
        var queues = Enumerable.Range(0, 50).Select(i => Facts.Queue(paused: true)).ToList();
        var found = DiagnosticChecks.All.Single(check => check.Id == "paused-with-backlog").Look(Facts.Good with { Queues = queues });
        found.Subjects.Should().HaveCount(20);
        found.Detail.Should().EndWith("and 30 more");
    }

    [Fact]
    public void Ids_are_unique_and_every_text_is_a_sentence()
    {
        DiagnosticChecks.All.Select(check => check.Id).Should().OnlyHaveUniqueItems();
        DiagnosticChecks.All.SelectMany(check => new[] { check.Symptom, check.Cause, check.Remedy }).Should().OnlyContain(
            text => text.EndsWith('.') && !text.Contains('|', StringComparison.Ordinal));
    }

    private static DiagnosticStatus StatusOf(string id, QueueFacts queue) =>
        DiagnosticChecks.All.Single(check => check.Id == id).Look(Facts.Good with { Queues = [queue] }).Status;

    private static DiagnosticFacts Redis(Func<Core.Redis.RedisServerInfo, Core.Redis.RedisServerInfo> change) => Facts.Good with { Redis = change(Facts.Redis) };

    private static Api.Cluster.Resources.WorkerPoolResource Unobserved()
    {
        var pool = Facts.Pool();
        pool.Metadata.Generation = 4;
        return pool;
    }
}
