using System.ComponentModel;
using System.Diagnostics;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests.Support;

/// <summary>A program that ran to its end.</summary>
internal sealed record Command(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static async Task<Command> RunAsync(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = RepositoryFolder.Root,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Start(start);
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return new Command(process.ExitCode, await output, await error);
    }

    /// <summary>What it printed; fails where it failed.</summary>
    public string Succeeded()
    {
        ExitCode.Should().Be(0, "it said: {0}{1}", Output, Error);
        return Output;
    }

    /// <summary>What it complained of; fails where it succeeded.</summary>
    public string Failed()
    {
        ExitCode.Should().NotBe(0, "it should have failed, and said: {0}", Output);
        return Output + Error;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(
                $"{start.FileName} is not installed: `make tools` puts helm and kubectl into .tools/bin, which `make test` has on its PATH. "
                + "Helm may be named in K8SQUEUE_HELM, too.", e);
        }
    }
}
