using K8sQueue.Chaos.Histories;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Chaos.Tests.Histories;

public sealed class HistoryCheckerTests
{
    [Fact]
    public void A_history_in_which_all_is_well_breaks_nothing()
    {
        var verdict = Check(new EvidenceBuilder().Enqueue("a", "b").Start("w1", "a").Complete("w1", "a").Start("w2", "b").Complete("w2", "b"));

        verdict.Violations.Should().BeEmpty();
        verdict.Figures.Should().BeEquivalentTo(new { Enqueued = 2, Done = 2L, Lost = 0, CompletedTwice = 0, Starts = 2L, RanTwice = 0 });
    }

    [Fact]
    public void A_job_that_nobody_did_is_lost()
    {
        var verdict = Check(new EvidenceBuilder().Enqueue("a", "b").Start("w1", "a").Complete("w1", "a").Start("w1", "b"));

        verdict.Violations.Should().Contain("1 acknowledged jobs were lost: b");
        verdict.Figures.Lost.Should().Be(1);
    }

    [Fact]
    public void A_tracked_job_whose_record_says_that_it_runs_has_not_ended() =>
        Check(new EvidenceBuilder().Enqueue("a").Start("w1", "a").Complete("w1", "a").Track("a", JobState.Running))
            .Violations.Should().Equal("1 tracked jobs have not ended: a (Running)");

    [Fact]
    public void A_completion_that_was_taken_though_its_process_could_not_write_it_down_is_no_loss() =>
        Check(new EvidenceBuilder().Enqueue("a").Start("w1", "a").End("w1", "a").Lose("w1").Count(t => t with { Completed = 1 }))
            .Violations.Should().BeEmpty();

    [Fact]
    public void A_lost_process_s_job_starts_again_with_a_higher_token_and_its_wait_is_measured()
    {
        var verdict = Check(
            new EvidenceBuilder().Enqueue("a").Start("w1", "a").Lose("w1").Pass(7).Recover().Start("w2", "a", epoch: 2).Complete("w2", "a", epoch: 2),
            new ChaosExpectation { RecoveredWithin = TimeSpan.FromSeconds(10) });

        verdict.Violations.Should().BeEmpty();
        verdict.Figures.Should().BeEquivalentTo(new { Recovered = 1L, RanTwice = 1, Starts = 2L });
        verdict.Figures.RecoveryMax.Should().BeApproximately(7, 0.1);
    }

    [Fact]
    public void A_job_that_is_recovered_late_is_named() =>
        Check(
            new EvidenceBuilder().Enqueue("a").Start("w1", "a").Lose("w1").Pass(12).Recover().Start("w2", "a", epoch: 2).Complete("w2", "a", epoch: 2),
            new ChaosExpectation { RecoveredWithin = TimeSpan.FromSeconds(10) })
            .Violations.Should().Equal("1 jobs were recovered later than 10 s: a of w1 after 12.0 s");

    [Fact]
    public void Where_suspects_wait_only_the_first_loss_of_a_job_is_judged()
    {
        var expectation = new ChaosExpectation { RecoveredWithin = TimeSpan.FromSeconds(10), SuspectsWait = true };
        var history = new EvidenceBuilder().Enqueue("a")
            .Start("w1", "a").Lose("w1").Pass(7).Recover().Start("w2", "a", epoch: 2).Lose("w2").Pass(12).Recover()
            .Start("w3", "a", epoch: 3).Complete("w3", "a", epoch: 3);

        Check(history, expectation).Violations.Should().BeEmpty();
        Check(history, expectation with { RecoveredWithin = TimeSpan.FromSeconds(6) }).Violations.Should()
            .Equal("1 jobs were recovered later than 6 s: a of w1 after 7.0 s");
    }

    [Fact]
    public void A_completion_by_who_is_not_the_owner_any_more_breaks_two_rules() =>
        Check(new EvidenceBuilder().Enqueue("a")
                .Start("w1", "a").Recover().Start("w2", "a", epoch: 2).Complete("w1", "a").Complete("w2", "a", epoch: 2))
            .Violations.Should().HaveCount(3)
            .And.Contain("1 jobs were completed more than once, or are dead letters, too: a")
            .And.Contain("1 outcomes were taken from who was not the owner: a (Completed by w1 with token 1, though it started again with 2)");

    [Fact]
    public void A_refused_completion_breaks_nothing_and_is_counted()
    {
        var verdict = Check(new EvidenceBuilder().Enqueue("a")
            .Start("w1", "a").Recover().Start("w2", "a", epoch: 2).End("w1", "a").Refuse("w1", "a").Complete("w2", "a", epoch: 2));

        verdict.Violations.Should().BeEmpty();
        verdict.Figures.Refused.Should().Be(1);
    }

    [Fact]
    public void An_outcome_of_a_start_that_another_process_had_is_no_owner_s() =>
        Check(new EvidenceBuilder().Enqueue("a").Start("w1", "a").Complete("w2", "a"))
            .Violations.Should().Equal("1 outcomes were taken from who was not the owner: a (token 1 was never w2's)");

    [Fact]
    public void Two_starts_with_one_token_are_told() =>
        Check(new EvidenceBuilder().Enqueue("a").Start("w1", "a").Recover().Start("w2", "a").Complete("w2", "a"))
            .Violations.Should().Equal("1 jobs started twice with one fencing token: a");

    [Fact]
    public void Starts_that_nothing_explains_are_told() =>
        Check(new EvidenceBuilder().Enqueue("a").Start("w1", "a").Start("w2", "a", epoch: 2).Complete("w2", "a", epoch: 2))
            .Violations.Should().Equal("starts are not jobs + recovered + handed back + retried: 2 != 1 + 0 + 0 + 0");

    [Fact]
    public void A_hand_back_explains_a_start() =>
        Check(new EvidenceBuilder().Enqueue("a").Start("w1", "a").Release("w1", "a").Start("w2", "a", epoch: 2).Complete("w2", "a", epoch: 2))
            .Violations.Should().BeEmpty();

    [Fact]
    public void A_job_that_was_refused_must_not_run()
    {
        var history = new EvidenceBuilder().Start("w1", "x", key: 7).Complete("w1", "x").Count(t => t with { Enqueued = 1 });
        history.RefusedKeys.Add(7);

        Check(history).Violations.Should().Contain("1 jobs ran that nobody enqueued: x (refused)");
    }

    [Fact]
    public void A_job_of_a_call_without_an_answer_may_run()
    {
        var history = new EvidenceBuilder().Start("w1", "x", key: 7).Complete("w1", "x").Count(t => t with { Enqueued = 1 });
        history.UnknownKeys.Add(7);

        Check(history).Violations.Should().BeEmpty();
    }

    [Fact]
    public void A_dead_letter_that_nobody_expected_is_told_and_an_expected_one_is_not()
    {
        var history = new EvidenceBuilder().Enqueue("a").Start("w1", "a").Bury("a", DeadLetterReasons.Poison);
        var expected = new Dictionary<string, int> { [DeadLetterReasons.Poison] = 1 };

        Check(history).Violations.Should().Equal("1 dead letters are Poison, not 0: a");
        Check(history, new ChaosExpectation { MayPoison = true }).Violations.Should().BeEmpty();
        Check(history, new ChaosExpectation { DeadLetters = expected }).Violations.Should().BeEmpty();
    }

    [Fact]
    public void A_used_attempt_is_told_unless_handlers_fail()
    {
        var history = new EvidenceBuilder().Enqueue("a").Start("w1", "a", attempt: 2).Complete("w1", "a");

        Check(history).Violations.Should().Equal("1 jobs lost an attempt: a");
        Check(history, new ChaosExpectation { FirstAttemptsOnly = false }).Violations.Should().BeEmpty();
    }

    [Fact]
    public void A_second_start_is_told_where_there_must_be_none() =>
        Check(
            new EvidenceBuilder().Enqueue("a").Start("w1", "a").Recover().Start("w2", "a", epoch: 2).Complete("w2", "a", epoch: 2),
            new ChaosExpectation { NoSecondStart = true, NoRecovery = true })
            .Violations.Should().Equal("1 jobs started twice: a", "1 jobs were recovered, though no owner was lost");

    [Fact]
    public void What_the_broker_may_have_forgotten_breaks_nothing_and_is_shown()
    {
        // b is lost, a was completed in the second before the cut, and again after it.
        var verdict = Check(new EvidenceBuilder().Enqueue("a").Start("w1", "a").Pass(5)
            .Complete("w1", "a").Enqueue("b").Forget(0.5).Count(t => t with { Enqueued = 1, Completed = 0 })
            .Pass(5).Recover().Start("w2", "a", epoch: 2).Complete("w2", "a", epoch: 2));

        verdict.Violations.Should().BeEmpty();
        verdict.Figures.Should().BeEquivalentTo(new { Lost = 1, CompletedTwice = 1 });
    }

    [Fact]
    public void What_the_broker_must_remember_is_lost_all_the_same() =>
        Check(new EvidenceBuilder().Enqueue("a").Pass(5).Forget(0.5)).Violations.Should().Contain("1 acknowledged jobs were lost: a");

    [Theory]
    [InlineData("k8squeue:{q}:lane:normal", 0, 0, 0, false, true)]
    [InlineData("k8squeue:{q}:lane:normal", 1, 0, 0, false, false)]
    [InlineData("k8squeue:{q}:lane:normal", 0, 1, 0, false, false)]
    [InlineData("k8squeue:{q}:lane:normal", 0, 0, 1, false, false)]
    [InlineData("k8squeue:{q}:job:01", 1, 0, 0, true, true)]
    [InlineData("k8squeue:{q}:job:01", 1, 0, 0, false, false)]
    [InlineData("k8squeue:{q}:batch:01", 9, 0, 0, true, true)]
    [InlineData("k8squeue:{q}:batch:01:jobs", 2, 0, 0, true, true)]
    [InlineData("k8squeue:{q}:batch:01:failed", 1, 0, 0, true, true)]
    [InlineData("k8squeue:{q}:batch:01", 9, 0, 0, false, false)]
    [InlineData("k8squeue:{q}:batch:01:open", 1, 0, 0, true, false)]
    [InlineData("k8squeue:{q}:outbox", 1, 0, 0, false, false)]
    [InlineData("k8squeue:{q}:consumers", 1, 0, 0, false, false)]
    [InlineData("k8squeue:{q}:delayed", 1, 0, 0, false, false)]
    [InlineData("k8squeue:{q}:stats", 8, 0, 0, false, true)]
    [InlineData("k8squeue:{q}:dead:jobs", 4, 0, 0, false, true)]
    [InlineData("k8squeue:queues", 1, 0, 0, false, true)]
    [InlineData("k8squeue:{q}:unheard-of", 1, 0, 0, false, false)]
    public void A_key_is_left_behind_or_one_that_a_queue_keeps(string name, long length, long pending, long consumers, bool expires, bool kept) =>
        Check(new EvidenceBuilder().Leave(new KeyState(name, length, pending, consumers, expires))).Violations.Should().HaveCount(kept ? 0 : 1);

    private static ChaosVerdict Check(EvidenceBuilder history, ChaosExpectation? expectation = null) =>
        HistoryChecker.Check(history.Evidence, expectation ?? new ChaosExpectation());
}
