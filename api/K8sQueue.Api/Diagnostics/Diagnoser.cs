using K8sQueue.Api.Hosting;

namespace K8sQueue.Api.Diagnostics;

/// <summary>Runs the checks. Whoever asks within <see cref="Freshness"/> shares one look.</summary>
internal sealed class Diagnoser(FactsReader facts, TimeProvider time)
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private readonly SharedRead<DiagnosticsDocument> _shared = new(
        async () => DiagnosticsDocument.From(await facts.ReadAsync(), time.GetUtcNow()), Freshness, time);

    public Task<DiagnosticsDocument> RunAsync(CancellationToken cancellationToken) => _shared.GetAsync().WaitAsync(cancellationToken);
}
