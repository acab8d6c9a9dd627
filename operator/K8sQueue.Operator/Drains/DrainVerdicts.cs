namespace K8sQueue.Operator.Drains;

/// <summary>What becomes of a chosen worker in this round.</summary>
internal enum DrainVerdict
{
    Wait,

    /// <summary>It goes, and no job is in its way.</summary>
    RemoveIdle,

    /// <summary>It goes and drains: it runs a job, or nobody knows.</summary>
    RemoveBusy,
}

/// <summary>Whether a chosen worker may go. Pure.</summary>
internal static class DrainVerdicts
{
    // Where workers become idle and busy all the time, the least busy goes in the end.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="pod">A victim, with what it answered when it was told to fetch no more.</param>
    /// <param name="round">The round, with what the others answered.</param>
    public static DrainVerdict Of(DrainCandidate pod, DrainRound round)
    {
        if (round.IsAsked && pod.IsConfirmedIdle)
            return DrainVerdict.RemoveIdle;
        if (round.WaitsForIdle)
            return DrainVerdict.Wait;
        if (!round.IsAsked)
            return DrainVerdict.RemoveBusy;
        var idleElsewhere = round.Pods.Any(other => other.Uid != pod.Uid && !other.IsDraining && other.Stage != PodStage.Empty && other.IsIdle);
        // Where not all could be asked in this round, an idle one may be among the others, which have their turn in the next.
        var isUnasked = round.Pods.Any(other => other.Stage != PodStage.Empty && other.Answer is null);
        return (idleElsewhere || isUnasked) && pod.DrainingSince + Patience > round.Now ? DrainVerdict.Wait : DrainVerdict.RemoveBusy;
    }

    /// <summary>What it said right before its removal bears out what it is removed by.</summary>
    /// <param name="pod">Confirmed to be idle.</param>
    /// <param name="said">Its last answer; null where it can't be told.</param>
    public static bool BearsOut(DrainCandidate pod, WorkerAnswer? said) => pod switch
    {
        { Answer: WorkerAnswer.Report } => said is WorkerAnswer.Report { InFlight: 0, Quiesced: true, Draining: false },
        { Stage: PodStage.Running } => said is WorkerAnswer.Silence { NobodyListens: true },
        _ => said is null or WorkerAnswer.Silence,
    };
}
