namespace K8sQueue.Operator.Drains;

/// <summary>What a worker said last.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="At">When the call began, by a clock that only moves on.</param>
/// <param name="Since">Since when it has said the like without a break.</param>
/// <param name="QuietUntil">Until when it fetches no more, as it was told; null where it was not told, or says otherwise.</param>
/// <param name="HasReported">This process has answered at least once.</param>
internal sealed record KeptAnswer(WorkerAnswer Answer, TimeSpan At, TimeSpan Since, TimeSpan? QuietUntil, bool HasReported)
{
    /// <summary>What is known once it has answered again. Pure.</summary>
    /// <param name="before">What it said before; null for nothing.</param>
    /// <param name="toldFor">For how long it was told to fetch no more; null where it was only asked.</param>
    public static KeptAnswer Next(KeptAnswer? before, WorkerAnswer answer, TimeSpan at, TimeSpan? toldFor) => new(
        answer,
        at,
        before is not null && KindOf(before.Answer) == KindOf(answer) ? before.Since : at,
        answer switch
        {
            WorkerAnswer.Report { Quiesced: false } => null,
            WorkerAnswer.Report when toldFor is not null => at + toldFor,
            _ => before?.QuietUntil,
        },
        answer is WorkerAnswer.Report || before?.HasReported == true);

    private static int KindOf(WorkerAnswer answer) => answer switch
    {
        WorkerAnswer.Report { InFlight: 0, Draining: false } => 0,
        WorkerAnswer.Report => 1,
        WorkerAnswer.Silence { NobodyListens: true } => 2,
        _ => 3,
    };
}
