using System.Diagnostics;
using System.Text.Json;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Samples;

/// <summary>A program of samples/producers. To a producer jobs go in, a line each, and answers come out.</summary>
internal sealed class SampleProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private SampleProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts a program by its file's name without the ending, which is the language's.</summary>
    public static SampleProcess Start(string tool, string program, (string Name, string Value)[] settings, params string[] arguments)
    {
        var file = tool == "node" ? Path.Combine("node", $"{program}.mjs") : Path.Combine("python", $"{program}.py");
        var start = new ProcessStartInfo(tool, [Path.Combine(RepositoryFolder.Root, "samples", "producers", file), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        return new SampleProcess(start);
    }

    /// <summary>Hands a job over, and reads the answer.</summary>
    public async Task<JsonElement> EnqueueAsync(string queue, string job)
    {
        await _process.StandardInput.WriteLineAsync($$"""{"queue": "{{queue}}", {{job.TrimStart()[1..]}}""");
        await _process.StandardInput.FlushAsync();
        return JsonDocument.Parse(await ReadLineAsync()).RootElement;
    }

    public async Task<string> ReadLineAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience, TimeProvider.System);
        return line ?? throw new InvalidOperationException($"The sample ended: {await _errors}");
    }

    /// <summary>Hands nothing over any more; the exit code.</summary>
    public Task<int> EndAsync()
    {
        _process.StandardInput.Close();
        return ExitCodeAsync();
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        return await ExitCodeAsync();
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        return _process.ExitCode;
    }
}
