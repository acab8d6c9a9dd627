namespace K8sQueue.Benchmarks.Workers.Report;

/// <summary>What one start showed.</summary>
/// <param name="ReadyMilliseconds">From the start of the process until it was ready.</param>
/// <param name="RssMib">Its resident memory after the probes, at rest.</param>
/// <param name="PeakMib">The most of it until then.</param>
/// <param name="DrainMilliseconds">From SIGTERM to its end.</param>
/// <param name="ExitCode">0 where it had drained.</param>
internal sealed record StartFigures(double ReadyMilliseconds, double RssMib, double PeakMib, double DrainMilliseconds, int ExitCode);
