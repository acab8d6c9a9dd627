using System.Diagnostics;
using System.Globalization;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Operators;

/// <summary>The operator as a process of its own, with its settings as they ship.</summary>
internal sealed class OperatorUnderTest : IAsyncDisposable
{
    private readonly ChildProgram _program;
    private readonly HttpClient _http = new();
    private readonly Uri _address;
    private readonly long _started = Stopwatch.GetTimestamp();

    private OperatorUnderTest(ChildProgram program, int port)
    {
        _program = program;
        _address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
    }

    public TimeSpan Age => Stopwatch.GetElapsedTime(_started);

    public ProcessMemory Memory => _program.Memory;

    /// <inheritdoc cref="ChildProgram.Cpu"/>
    public TimeSpan Cpu => _program.Cpu;

    public static OperatorUnderTest Start(OperatorBenchmarkOptions options, ClusterUnderTest cluster)
    {
        var port = FreePort.Next();
        var environment = new Dictionary<string, string>
        {
            ["KUBECONFIG"] = cluster.Kubeconfig,
            ["K8SQUEUE_OPERATOR_ADDRESS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
        };
        var program = ChildProgram.Start(
            Path.Combine(cluster.Folder, "operator.log"), environment, "dotnet", options.Operator.FullName);
        return new OperatorUnderTest(program, port);
    }

    public Task ReadyAsync(TimeSpan within) => Eventually.IsTrue(
        async () =>
        {
            _program.ThrowIfEnded();
            try
            {
                using var response = await _http.GetAsync(new Uri(_address, "readyz"));
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        within);

    public void ThrowIfEnded() => _program.ThrowIfEnded();

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _http.Dispose();
    }
}
