using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using K8sQueue.Kubernetes.Configuration;

namespace K8sQueue.Kubernetes.Authentication;

/// <summary>Runs a credential plugin, for a bounded time and a bounded answer.</summary>
internal sealed class ExecPlugin(ExecCredentialOptions options, TimeProvider time)
{
    /// <summary>Characters of an answer; more is no credential.</summary>
    private const int MaxOutput = 1024 * 1024;

    /// <summary>Characters of what a failed plugin said that are quoted.</summary>
    private const int MaxErrors = 500;

    /// <summary>What the plugin wrote.</summary>
    /// <exception cref="KubeConfigException">It could not be started, failed, or gave no answer in time.</exception>
    public async Task<string> RunAsync()
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var process = Start();
        try
        {
            var reading = ReadAsync(process.StandardOutput, MaxOutput, timeout.Token);
            var errors = ReadAsync(process.StandardError, MaxErrors, timeout.Token);
            await Task.WhenAll(reading, errors).ConfigureAwait(false);
            await process.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
            var (output, isWhole) = await reading.ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw new KubeConfigException($"{options.Command} ended with {process.ExitCode}: {(await errors.ConfigureAwait(false)).Text.Trim()}");
            return isWhole ? output : throw new KubeConfigException($"{options.Command} answered with more than {MaxOutput} characters.");
        }
        catch (OperationCanceledException e)
        {
            Kill(process);
            throw new KubeConfigException($"{options.Command} gave no answer within {options.Timeout.TotalSeconds:0} s.", e);
        }
    }

    // To the end, so that the plugin never waits for a reader; but keeps only so much.
    private static async Task<(string Text, bool IsWhole)> ReadAsync(StreamReader reader, int limit, CancellationToken cancellationToken)
    {
        var (text, buffer, isWhole) = (new StringBuilder(), new char[4096], true);
        while (await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            var kept = Math.Min(count, limit - text.Length);
            text.Append(buffer, 0, kept);
            isWhole &= kept == count;
        }

        return (text.ToString(), isWhole);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself just now, or may not be killed: either way it is no longer waited for.
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(options.Command)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in options.Arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in options.Environment)
            start.Environment[name] = value;
        start.Environment["KUBERNETES_EXEC_INFO"] = JsonSerializer.Serialize(
            new ExecCredential(options.ApiVersion, "ExecCredential", new ExecCredentialSpec(Interactive: false, options.Cluster), null),
            ExecJsonContext.Default.ExecCredential);
        try
        {
            return Process.Start(start) ?? throw new KubeConfigException($"{options.Command} could not be started.");
        }
        catch (Win32Exception e)
        {
            var hint = options.InstallHint is null ? "" : $" {options.InstallHint}";
            throw new KubeConfigException($"The exec plugin {options.Command} could not be started: {e.Message}.{hint}", e);
        }
    }
}
