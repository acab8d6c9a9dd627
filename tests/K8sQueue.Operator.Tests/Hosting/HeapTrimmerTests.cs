using K8sQueue.Operator.Hosting;

namespace K8sQueue.Operator.Tests.Hosting;

public sealed class HeapTrimmerTests : IDisposable
{
    private readonly HeapTrimmer _trimmer;
    private long _allocated;
    private int _collections;

    public HeapTrimmerTests() => _trimmer = new HeapTrimmer(TimeProvider.System, () => _allocated, () => _collections++);

    public void Dispose() => _trimmer.Dispose();

    [Fact]
    public void Memory_is_given_back_once_when_a_burst_is_over()
    {
        _allocated = 100 * HeapTrimmer.WorthBytes;
        _trimmer.Look().Should().BeFalse("the burst is just now");

        _trimmer.Look().Should().BeTrue();
        _trimmer.Look().Should().BeFalse("there is nothing new to give back");
        _collections.Should().Be(1);
    }

    [Fact]
    public void Leases_and_probes_are_not_worth_a_collection()
    {
        for (var i = 0; i < 10; i++)
        {
            _allocated += HeapTrimmer.QuietBytes / 2;
            _trimmer.Look().Should().BeFalse();
        }
    }
}
