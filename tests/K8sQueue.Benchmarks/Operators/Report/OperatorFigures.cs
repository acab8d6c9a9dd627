namespace K8sQueue.Benchmarks.Operators.Report;

/// <summary>What one run showed.</summary>
internal sealed record OperatorFigures(OperatorScenario Scenario)
{
    /// <summary>Pools that had converged in the end.</summary>
    public required int Converged { get; init; }

    /// <summary>Every pool converged, and after that nothing was written.</summary>
    public bool IsAsItShouldBe => Converged == Scenario.Pools && SteadyWrites == 0;

    /// <summary>From the operator's start, or from the first pool's creation, to the last pool's convergence, or to the limit.</summary>
    public required double Seconds { get; init; }

    /// <summary>From there to the last write before five quiet seconds.</summary>
    public required double SettleSeconds { get; init; }

    /// <summary>Resident memory at the end of the steady window.</summary>
    public required double RssMib { get; init; }

    /// <summary>The most resident memory at any time.</summary>
    public required double PeakMib { get; init; }

    /// <summary>Processor time until it was quiet.</summary>
    public required double CpuSeconds { get; init; }

    public required double SteadyCpuSeconds { get; init; }

    public required int ConvergenceWrites { get; init; }

    public required int ConvergenceReads { get; init; }

    /// <summary>Writes in the steady window, without the leader's lease.</summary>
    public required int SteadyWrites { get; init; }

    public required int SteadyReads { get; init; }

    public required int SteadyLeaseWrites { get; init; }

    public required double SteadyWindowSeconds { get; init; }

    /// <summary>The machine's load average of the minute before the run, and of that before the convergence.</summary>
    public required double LoadBefore { get; init; }

    /// <inheritdoc cref="LoadBefore"/>
    public required double LoadConverged { get; init; }

    /// <summary>The most resident memory of the API server, which is beside the point but shares the machine.</summary>
    public required double ServerMib { get; init; }

    /// <summary>The API server's processor time from the operator's start until it was quiet.</summary>
    public required double ServerCpuSeconds { get; init; }
}
