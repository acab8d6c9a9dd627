using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

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
        await InstallAsync(cancellationToken);
        return new BullMqProcess(Start("node", "bench.mjs", redisPort.ToString(CultureInfo.InvariantCulture)));
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

    private static async Task InstallAsync(CancellationToken cancellationToken)
    {
        // npm keeps its own copy of the lock file; a package that changed since must be installed again.
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        var wanted = new FileInfo(Path.Combine(Folder, "package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc)
            return;
        using var npm = Start("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
        npm.StandardInput.Close();
        var output = await npm.StandardOutput.ReadToEndAsync(cancellationToken);
        await npm.WaitForExitAsync(cancellationToken);
        if (npm.ExitCode != 0)
            throw new InvalidOperationException($"npm ci ended with {npm.ExitCode} in {Folder}. {output}");
    }

    // Standard error is the benchmark's own.
    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(
                $"{program} is not installed; Node 20 or later with npm is needed to measure BullMQ, or leave it out with --only.", e);
        }
    }
}
