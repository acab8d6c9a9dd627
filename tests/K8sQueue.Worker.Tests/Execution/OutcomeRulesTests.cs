using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Handlers;

namespace K8sQueue.Worker.Tests.Execution;

public sealed class OutcomeRulesTests
{
    private static readonly JobEnvelope Job = new()
    {
        Id = JobId.Create("q", tracked: false, TimeProvider.System),
        Type = "t",
        Payload = ReadOnlyMemory<byte>.Empty,
        Retry = new RetryPolicy { MaxAttempts = 3, Delay = TimeSpan.FromSeconds(2), Jitter = 0 },
        Attempt = 1,
    };

    [Fact]
    public void A_handler_that_returns_completes_its_job_with_its_result()
    {
        byte[] result = [49];

        Decide(null, result: result).Should().BeOfType<JobOutcome.Completed>().Which.Result!.Value.ToArray().Should().Equal(49);
    }

    [Fact]
    public void A_failed_attempt_is_retried_by_the_jobs_own_policy()
    {
        Decide(new InvalidOperationException("boom"), attempt: 2)
            .Should().BeOfType<JobOutcome.Retried>().Which.Should().Match<JobOutcome.Retried>(
                retry => retry.Delay == TimeSpan.FromSeconds(4) && retry.Error.Contains("boom"));
    }

    [Fact]
    public void The_last_attempt_buries_the_job()
    {
        Decide(new InvalidOperationException("boom"), attempt: 3)
            .Should().BeOfType<JobOutcome.Buried>().Which.Reason.Should().Be(DeadLetterReasons.AttemptsExhausted);
    }

    [Fact]
    public void An_unrecoverable_failure_buries_the_job_at_its_first_attempt()
    {
        Decide(new UnrecoverableJobException("no such customer"))
            .Should().Be(new JobOutcome.Buried(DeadLetterReasons.Unrecoverable, "no such customer"));
    }

    [Fact]
    public void A_handler_may_say_when_the_next_attempt_makes_sense()
    {
        Decide(new RetryJobException("busy", TimeSpan.FromMinutes(7)))
            .Should().Be(new JobOutcome.Retried(TimeSpan.FromMinutes(7), "busy"));
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(1_000_000, 365)]
    public void A_delay_that_makes_no_sense_is_bounded(int days, int expectedDays)
    {
        Decide(new RetryJobException("busy", TimeSpan.FromDays(days)))
            .Should().BeOfType<JobOutcome.Retried>().Which.Delay.Should().Be(TimeSpan.FromDays(expectedDays));
    }

    [Fact]
    public void A_handler_that_the_drain_stopped_uses_up_no_attempt()
    {
        Decide(new OperationCanceledException(), StopCause.Draining).Should().BeOfType<JobOutcome.Released>();
        Decide(new IOException("The connection was torn down."), StopCause.Draining, attempt: 3).Should().BeOfType<JobOutcome.Released>();
    }

    [Fact]
    public void A_handler_that_finished_though_the_drain_told_it_to_stop_is_done()
    {
        Decide(null, StopCause.Draining).Should().BeOfType<JobOutcome.Completed>();
    }

    [Fact]
    public void A_time_out_is_a_failed_attempt()
    {
        Decide(new OperationCanceledException(), StopCause.TimedOut)
            .Should().BeOfType<JobOutcome.Retried>().Which.Error.Should().Be("The attempt timed out.");
    }

    [Fact]
    public void A_lost_lease_ends_as_the_handler_did_or_is_handed_back()
    {
        Decide(null, StopCause.Lost).Should().BeOfType<JobOutcome.Completed>();
        Decide(new UnrecoverableJobException("x"), StopCause.Lost).Should().BeOfType<JobOutcome.Buried>();
        Decide(new OperationCanceledException(), StopCause.Lost, attempt: 3).Should().BeOfType<JobOutcome.Released>();
    }

    [Fact]
    public void A_cancelled_job_ends_however_its_handler_stopped_unless_it_is_done()
    {
        Decide(null, StopCause.Cancelled).Should().BeOfType<JobOutcome.Completed>();
        Decide(new OperationCanceledException(), StopCause.Cancelled).Should().BeOfType<JobOutcome.Cancelled>();
        Decide(new UnrecoverableJobException("x"), StopCause.Cancelled).Should().BeOfType<JobOutcome.Cancelled>();
        Decide(new IOException("The connection was torn down."), StopCause.Cancelled, attempt: 3).Should().BeOfType<JobOutcome.Cancelled>();
    }

    [Fact]
    public void An_error_text_is_cut()
    {
        Decide(new InvalidOperationException(new string('x', 100_000)))
            .Should().BeOfType<JobOutcome.Retried>().Which.Error.Should().HaveLength(OutcomeRules.MaxErrorLength);
    }

    private static JobOutcome Decide(
        Exception? failure, StopCause cause = StopCause.None, int attempt = 1, ReadOnlyMemory<byte>? result = null) =>
        OutcomeRules.Decide(Job with { Attempt = attempt }, result, failure, cause, random: 0.5);
}
