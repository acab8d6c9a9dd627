using System.Globalization;
using System.Runtime.Versioning;
using K8sQueue.Core.Telemetry;

namespace K8sQueue.Core.Tests.Telemetry;

[SupportedOSPlatform("linux")]
public sealed class PrometheusTextProcessTests
{
    [Fact]
    public void Open_descriptors_are_counted()
    {
        var before = Value("process_open_fds");
        using var files = new Opened(100);

        // Other tests open and close some meanwhile.
        (Value("process_open_fds") - before).Should().BeInRange(50, 150);
    }

    [Fact]
    public void The_limit_of_descriptors_and_the_virtual_memory_are_shown()
    {
        Value("process_max_fds").Should().BeGreaterThan(Value("process_open_fds"));
        Value("process_virtual_memory_bytes").Should().BeGreaterThan(Value("process_resident_memory_bytes"));
    }

    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files     ", double.PositiveInfinity)]
    public void The_soft_limit_is_the_one(string line, double expected) =>
        PrometheusTextProcess.MaxDescriptors(["Max cpu time  unlimited  unlimited  seconds", line]).Should().Be(expected);

    [Fact]
    public void What_the_system_does_not_say_is_left_out()
    {
        PrometheusTextProcess.MaxDescriptors([]).Should().BeNull();
        PrometheusTextProcess.MaxDescriptors(["Max open files"]).Should().BeNull();
        PrometheusTextProcess.VirtualBytes([]).Should().BeNull();
    }

    private static double Value(string name)
    {
        var writer = new PrometheusTextWriter();
        PrometheusTextProcess.Write(writer);
        var line = writer.ToString().Split('\n').Single(line => line.StartsWith($"{name} ", StringComparison.Ordinal));
        return double.Parse(line[name.Length..], CultureInfo.InvariantCulture);
    }

    private sealed class Opened : IDisposable
    {
        private readonly List<FileStream> _files = [];

        public Opened(int count)
        {
            for (var i = 0; i < count; i++)
                _files.Add(File.OpenRead("/proc/self/limits"));
        }

        public void Dispose() => _files.ForEach(file => file.Dispose());
    }
}
