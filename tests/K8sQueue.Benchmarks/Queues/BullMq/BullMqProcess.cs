using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using K8sQueue.Benchmarks.Processes;

namespace K8sQueue.Benchmarks.Queues.BullMq;

/// <summary>bullmq/bench.mjs in a Node process, driven by lines of JSON. Its packages are installed from the lock file first.</summary>
internal sealed class BullMqProcess : IAsyncDisposable
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "bullmq");
    private readonly Process _node;

    private BullMqProcess(Process node) => _node = node;

    /// <exception cref="InvalidOperationException">Node or npm is missing, or the packages can't be installed.</exception>
    public static async Task<BullMqProcess> StartAsync(int redisPort, CancellationToken cancellationToken)
    {
        await NodePackages.InstallAsync(Folder, cancellationToken);
        return new BullMqProcess(NodePackages.Start(Folder, "node", "bench.mjs", redisPort.ToString(CultureInfo.InvariantCulture)));
    }

    public async Task<BullMqAnswer> AskAsync(BullMqCommand command, CancellationToken cancellationToken)
    {
        await _node.StandardInput.WriteLineAsync(JsonSerializer.Serialize(command, BullMqJsonContext.Default.BullMqCommand));
        await _node.StandardInput.FlushAsync(cancellationToken);
        var line = await _node.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException("The BullMQ process ended; its standard error says why.");
        var answer = JsonSerializer.Deserialize(line, BullMqJsonContext.Default.BullMqAnswer)
            ?? throw new InvalidOperationException("The BullMQ process answered null.");
        return answer.Error is null ? answer : throw new InvalidOperationException($"BullMQ failed: {answer.Error}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_node.HasExited)
            _node.Kill();
        await _node.WaitForExitAsync();
        _node.Dispose();
    }
}
