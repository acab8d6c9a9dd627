namespace K8sQueue.Operator.Drains;

/// <summary>What a pod of a Deployment is to a scale-in.</summary>
internal enum PodStage
{
    /// <summary>It holds no work, and the ReplicaSet takes it before any that may: lowering the replicas is enough.</summary>
    Empty,

    /// <summary>None of its containers was reported to have started. It may have started since.</summary>
    NotStarted,

    /// <summary>It ran, and the kubelet waits before it starts it again.</summary>
    Stopped,

    /// <summary>It may work.</summary>
    Running,
}

/// <summary>A pod that nobody has deleted, as a scale-in sees it.</summary>
/// <param name="Answer">What it said lately enough to be believed; null for nothing.</param>
/// <param name="DrainingSince">When it was chosen; null where it is not.</param>
/// <param name="SparedAt">When it was taken back since it did not become idle in time; null where it was not.</param>
internal sealed record DrainCandidate(
    string Uid, string Name, PodStage Stage, bool IsReady, DateTimeOffset CreatedAt, DateTimeOffset? DrainingSince = null,
    DateTimeOffset? SparedAt = null, WorkerAnswer? Answer = null)
{
    /// <summary>What it said last, however long ago; null where this process of it has said nothing.</summary>
    public KeptAnswer? Heard { get; init; }

    /// <summary>The process that said it.</summary>
    public WorkerInstance Instance { get; init; }

    /// <summary>What its owner says that its removal costs (<c>controller.kubernetes.io/pod-deletion-cost</c>).</summary>
    public int DeletionCost { get; init; }

    public bool IsDraining => DrainingSince is not null;

    /// <summary>Its container runs for long and was never ready.</summary>
    public bool IsLongUnready { get; init; }

    /// <summary>It can't have a job yet: <see cref="BootHang"/>.</summary>
    public bool HangsAtBoot => IsLongUnready && Answer is not null && BootHang.IsDeaf(Heard);

    /// <summary>It said that it has nothing to do, or nothing runs in it, or hangs before it can have a job, and nothing answers.</summary>
    public bool IsIdle => Answer switch
    {
        WorkerAnswer.Report report => report is { InFlight: 0, Draining: false },
        WorkerAnswer.Silence => Stage is PodStage.NotStarted or PodStage.Stopped || HangsAtBoot,
        _ => false,
    };

    /// <summary>It may run, and nobody can say how busy it is.</summary>
    public bool IsUnknown => !IsIdle && Answer is not WorkerAnswer.Report;

    public int InFlight => Answer is WorkerAnswer.Report report ? report.InFlight : 0;

    /// <summary>It fetches no more and has nothing: the one state from which a removal meets no job.</summary>
    public bool IsConfirmedIdle => IsIdle && Answer is not WorkerAnswer.Report { Quiesced: false };
}

/// <summary>What a round of a scale-in goes by.</summary>
/// <param name="IdleOnly">The pool's policy.</param>
/// <param name="IsAsked">The workers have a management port. Where they have none, the oldest goes.</param>
/// <param name="Wanted">Pods that the Deployment is to keep.</param>
/// <param name="MostRemovals">Pods that may go now, by the pool's limit a minute.</param>
/// <param name="Bound">The longest to wait for a chosen worker to become idle.</param>
/// <param name="Pods">All pods that nobody has deleted.</param>
internal sealed record DrainRound(
    bool IdleOnly, bool IsAsked, int Wanted, int MostRemovals, TimeSpan Bound, DateTimeOffset Now, IReadOnlyList<DrainCandidate> Pods)
{
    /// <summary>The Deployment's pods are made with the gate.</summary>
    public bool IsGated { get; init; } = true;

    /// <summary>Now, by a clock that only moves on.</summary>
    public TimeSpan Clock { get; init; }

    /// <summary>Nobody else has to become idle.</summary>
    public bool HasEnough => Pods.Count(pod => pod is { IsDraining: true, IsConfirmedIdle: true }) >= Needed;

    /// <summary>Pods that have to go by other means than lowering the replicas.</summary>
    public int Needed => Math.Min(Surplus, MostRemovals);

    public int Surplus => Math.Max(0, Pods.Count(pod => pod.Stage != PodStage.Empty) - Wanted);

    public bool WaitsForIdle => IdleOnly && IsAsked;
}
