using System.Diagnostics.Metrics;

namespace K8sQueue.Operator.Tests.Fakes;

internal sealed class FakeMeters : IMeterFactory
{
    public Meter Create(MeterOptions options) => new(options.Name);

    public void Dispose()
    {
    }
}
