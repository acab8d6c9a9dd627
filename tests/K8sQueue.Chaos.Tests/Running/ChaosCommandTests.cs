using System.Diagnostics;
using System.Text.Json;
using K8sQueue.Chaos.Report;

namespace K8sQueue.Chaos.Tests.Running;

/// <summary>The command itself, on a small part of what `make chaos` runs.</summary>
public sealed class ChaosCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("k8squeue-chaos-").FullName;

    [Fact]
    public async Task Workers_that_are_killed_drained_or_recycled_under_load_lose_no_job()
    {
        var (code, text) = await RunAsync("run", "--quick", "--scenario", "kill-9", "sigterm-storm", "leak", "--output", _folder);

        code.Should().Be(0, text);
        using var report = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_folder, ChaosReportFile.FileName)));
        report.RootElement.GetProperty("seed").GetInt32().Should().BePositive();
        var rows = report.RootElement.GetProperty("rows").EnumerateArray().ToDictionary(row => row.GetProperty("scenario").GetString()!);
        rows.Keys.Should().Equal("kill-9", "sigterm-storm", "leak");
        foreach (var row in rows.Values)
        {
            row.GetProperty("holds").GetBoolean().Should().BeTrue();
            row.GetProperty("enqueued").GetInt32().Should().BePositive();
            row.GetProperty("lost").GetInt32().Should().Be(0);
            row.GetProperty("duplicated").GetInt32().Should().Be(0);
        }

        rows["kill-9"].GetProperty("recovered").GetInt32().Should().BePositive();
        rows["sigterm-storm"].GetProperty("handed_back").GetInt32().Should().BePositive();
    }

    [Fact]
    public async Task An_unknown_scenario_is_refused_with_the_names_of_those_that_there_are()
    {
        var (code, text) = await RunAsync("run", "--scenario", "unheard-of");

        code.Should().Be(1);
        text.Should().Contain("unheard-of").And.Contain("sigterm-storm");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<(int Code, string Text)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "K8sQueue.Chaos.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}
