using K8sQueue.Operator.Drains;

namespace K8sQueue.Operator.Tests.Drains;

public sealed class AnswerPaceTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly WorkerAnswer Busy = new WorkerAnswer.Report(1, Quiesced: false, Draining: false);
    private static readonly WorkerAnswer Idle = new WorkerAnswer.Report(0, Quiesced: false, Draining: false);
    private static readonly WorkerAnswer BusyAndQuiet = new WorkerAnswer.Report(1, Quiesced: true, Draining: false);
    private static readonly WorkerAnswer IdleAndQuiet = new WorkerAnswer.Report(0, Quiesced: true, Draining: false);
    private static readonly WorkerAnswer Silent = new WorkerAnswer.Silence("refused");

    [Fact]
    public void A_worker_that_stays_busy_is_asked_after_one_two_four_eight_and_then_every_ten_seconds() =>
        CallTimes(Worker(), Busy, seconds: 46).Should().Equal(0, 1, 3, 7, 15, 25, 35, 45);

    [Fact]
    public void Likewise_one_that_does_not_answer() => CallTimes(Worker(), Silent, seconds: 16).Should().Equal(0, 1, 3, 7, 15);

    [Fact]
    public void One_that_could_not_be_waited_for_is_asked_after_ten_seconds() =>
        CallTimes(Worker(), new WorkerAnswer.Silence("no answer", TookLong: true), seconds: 21).Should().Equal(0, 10, 20);

    [Fact]
    public void Where_a_busy_one_may_go_all_are_asked_every_second() =>
        CallTimes(Worker(), Busy, seconds: 4, round => round with { IdleOnly = false }).Should().Equal(0, 1, 2, 3);

    [Fact]
    public void One_that_was_idle_for_a_moment_is_asked_soon_again()
    {
        var kept = Kept(Busy, 0, 10, 20);
        kept = KeptAnswer.Next(kept, Idle, Seconds(30), toldFor: null);
        kept = KeptAnswer.Next(kept, Busy, Seconds(31), toldFor: null);

        AnswerPace.Others(Round(31.9, Worker() with { Heard = kept })).Should().BeEmpty();
        AnswerPace.Others(Round(32, Worker() with { Heard = kept })).Should().ContainSingle();
    }

    [Fact]
    public void A_chosen_one_is_called_every_second_for_half_a_minute_and_then_ever_less_often()
    {
        var times = CallTimes(Worker() with { DrainingSince = Start }, BusyAndQuiet, seconds: 600);

        times.TakeWhile(time => time <= 30).Should().Equal(Enumerable.Range(0, 31));
        times.Zip(times.Skip(1), (one, next) => next - one).Should().OnlyContain(gap => gap <= 10);
        times.Should().HaveCountLessThan(160);
    }

    [Fact]
    public void A_chosen_one_is_told_again_only_when_its_time_nears_the_end()
    {
        var worker = Worker() with { DrainingSince = Start };
        var told = KeptAnswer.Next(null, BusyAndQuiet, Seconds(0), Seconds(30));

        var asked = KeptAnswer.Next(told, BusyAndQuiet, Seconds(9), toldFor: null);
        CallAt(17, asked).Should().Be(WorkerCall.Ask);
        CallAt(18.5, asked).Should().Be(WorkerCall.Quiesce);
        CallAt(5, KeptAnswer.Next(told, Busy, Seconds(4), null)).Should().Be(WorkerCall.Quiesce, "it says that it fetches");
        CallAt(5, KeptAnswer.Next(told, Silent, Seconds(4), null)).Should().Be(WorkerCall.Quiesce, "nobody knows");
        CallAt(15, told with { QuietUntil = Seconds(600) }).Should().Be(WorkerCall.Quiesce, "its answer is too old to act on");

        WorkerCall CallAt(double clock, KeptAnswer heard)
        {
            var pod = worker with { Heard = heard, Answer = heard.Answer };
            return AnswerPace.CallOf(pod, Round(clock, pod));
        }
    }

    [Fact]
    public void Without_the_gate_each_call_of_a_chosen_one_tells_it_again()
    {
        var pod = Worker() with { DrainingSince = Start, Heard = KeptAnswer.Next(null, IdleAndQuiet, Seconds(0), Seconds(30)), Answer = IdleAndQuiet };
        var round = Round(1, pod) with { IsGated = false };

        AnswerPace.Chosen(round).Should().ContainSingle();
        AnswerPace.CallOf(pod, round).Should().Be(WorkerCall.Quiesce);
    }

    [Theory]
    [InlineData(true, 10)]
    [InlineData(false, 5)]
    public void That_a_worker_is_idle_is_not_believed_for_long(bool isChosen, double seconds)
    {
        var kept = Kept(IdleAndQuiet, 0);

        AnswerPace.Holds(kept, isChosen, idleOnly: true, Seconds(seconds)).Should().BeTrue();
        AnswerPace.Holds(kept, isChosen, idleOnly: true, Seconds(seconds + 0.1)).Should().BeFalse();
    }

    [Fact]
    public void That_a_worker_is_busy_is_not_believed_for_long_where_busy_ones_may_go()
    {
        AnswerPace.Holds(Kept(Busy, 0), isDraining: false, idleOnly: false, Seconds(5.1)).Should().BeFalse();
        AnswerPace.Holds(Kept(Busy, 0), isDraining: false, idleOnly: true, Seconds(30)).Should().BeTrue();
    }

    [Fact]
    public void What_another_process_said_is_nothing()
    {
        var book = new AnswerBook();
        var one = new WorkerInstance("containerd://1", 0, IsRunning: true, "10.0.0.1");
        book.Take("uid", one, Idle, Seconds(1), toldFor: null);

        book.Of("uid", one).Should().NotBeNull();
        book.Of("uid", one with { Restarts = 1 }).Should().BeNull();
        book.Of("uid", one with { ContainerId = "containerd://2" }).Should().BeNull();
        book.Of("uid", one with { IsRunning = false }).Should().BeNull();
        book.Of("uid", one with { Address = "10.0.0.2" }).Should().BeNull();
        book.Of("other", one).Should().BeNull();
    }

    [Fact]
    public void The_next_look_is_when_the_next_call_is_due_but_not_within_the_second()
    {
        var chosen = Worker("a") with { DrainingSince = Start.AddSeconds(-150), Heard = Kept(BusyAndQuiet, 100), Answer = BusyAndQuiet };
        var other = Worker("b") with { Heard = Kept(Busy, 90, 93), Answer = Busy };

        AnswerPace.NextLook(Round(100, chosen, other) with { Now = Start }).Should().Be(Seconds(1), "the other is overdue");
        AnswerPace.NextLook(Round(100, chosen) with { Now = Start }).Should().Be(Seconds(5));
        AnswerPace.NextLook(Round(100, chosen) with { Now = Start, Bound = Seconds(152) }).Should().Be(Seconds(2), "it is late then");
    }

    [Fact]
    public void A_round_is_bounded_and_takes_first_those_that_fetch_again_soonest()
    {
        var pods = Enumerable.Range(0, 1_000).Select(i => Worker($"pod-{i:0000}") with
        {
            DrainingSince = Start,
            Heard = KeptAnswer.Next(null, BusyAndQuiet, Seconds(i / 1_000.0), Seconds(30)),
        }).Reverse().ToArray();

        var called = AnswerPace.Chosen(Round(29, pods));

        called.Should().HaveCount(512);
        called.Select(pod => pod.Name).Should().BeInAscendingOrder(StringComparer.Ordinal).And.StartWith("pod-0000");
    }

    /// <summary>Pods come and go, answer this and that, and those that stay are asked all the same.</summary>
    [Fact]
    public void Every_worker_is_asked_within_as_many_rounds_as_it_takes_to_ask_all()
    {
        var seed = Random.Shared.Next();
        for (var run = 0; run < 50; run++)
            AskInTurns(new Random(seed + run), $"seed {seed + run}");
    }

    private static void AskInTurns(Random random, string seed)
    {
        var count = random.Next(257, 3_000);
        var book = new AnswerBook();
        var stays = Enumerable.Range(0, count - 1).Select(i => $"pod-{random.Next()}-{i}").ToList();
        // Rounds of before: some were asked, long enough ago to be due.
        foreach (var name in stays.Where(_ => random.Next(3) == 0))
            book.Take(name, default, random.Next(2) == 0 ? Busy : Silent, Seconds(random.Next(0, 100)), null);
        var asked = new HashSet<string>(StringComparer.Ordinal);
        var rounds = (count + AnswerPace.MostAsked - 1) / AnswerPace.MostAsked;
        for (var i = 0; i < rounds; i++)
        {
            var clock = 200 + i;
            var pods = stays.OrderBy(_ => random.Next()).Select(name => Worker(name) with { Heard = book.Of(name, default) }).ToArray();
            var turn = AnswerPace.Others(Round(clock, pods));
            turn.Count.Should().BeLessThanOrEqualTo(AnswerPace.MostAsked, seed);
            foreach (var pod in turn)
            {
                asked.Add(pod.Name);
                book.Take(pod.Name, default, random.Next(2) == 0 ? Busy : Silent, Seconds(clock), null);
            }
        }

        stays.Where(name => !asked.Contains(name)).Should().BeEmpty(seed);
    }

    /// <summary>The seconds at which it is called, if it is looked at every second and always says the same.</summary>
    private static List<int> CallTimes(DrainCandidate pod, WorkerAnswer answer, int seconds, Func<DrainRound, DrainRound>? change = null)
    {
        var times = new List<int>();
        for (var second = 0; second < seconds; second++)
        {
            var round = Round(second, pod);
            round = change?.Invoke(round) ?? round;
            if (AnswerPace.Chosen(round).Count + AnswerPace.Others(round).Count == 0)
                continue;
            times.Add(second);
            TimeSpan? toldFor = pod.IsDraining && AnswerPace.CallOf(pod, round) == WorkerCall.Quiesce ? Seconds(30) : null;
            pod = pod with { Answer = answer, Heard = KeptAnswer.Next(pod.Heard, answer, Seconds(second), toldFor) };
        }

        return times;
    }

    /// <summary>It has said so at these times.</summary>
    private static KeptAnswer Kept(WorkerAnswer answer, params double[] times) =>
        times.Aggregate((KeptAnswer?)null, (kept, time) => KeptAnswer.Next(kept, answer, Seconds(time), toldFor: null))!;

    private static DrainCandidate Worker(string name = "a") => new(name, name, PodStage.Running, IsReady: true, Start.AddHours(-1));

    private static DrainRound Round(double clock, params DrainCandidate[] pods) =>
        new(IdleOnly: true, IsAsked: true, Wanted: 0, int.MaxValue, TimeSpan.FromHours(2), Start.AddSeconds(clock), pods) { Clock = Seconds(clock) };

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
