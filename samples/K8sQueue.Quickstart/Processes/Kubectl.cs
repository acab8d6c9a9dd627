using System.Diagnostics;

namespace K8sQueue.Quickstart.Processes;

/// <summary>The real kubectl, on one kubeconfig.</summary>
/// <param name="kubeconfig">The kubeconfig file.</param>
/// <param name="namespace">The namespace of every call.</param>
public sealed class Kubectl(string kubeconfig, string @namespace = "default")
{
    /// <summary>Runs kubectl and returns its output.</summary>
    /// <exception cref="KubectlException">It ended with another code than 0; the message is what it wrote to standard error.</exception>
    public async Task<string> RunAsync(IReadOnlyList<string> arguments, string? input = null, CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo("kubectl")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["--kubeconfig", kubeconfig, "--namespace", @namespace, .. arguments])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return process.ExitCode == 0
            ? await output
            : throw new KubectlException($"kubectl {string.Join(' ', arguments)}: {(await error).Trim()}");
    }

    /// <summary><c>kubectl apply -f -</c>.</summary>
    public Task<string> ApplyAsync(string yaml, CancellationToken cancellationToken = default) =>
        RunAsync(["apply", "-f", "-"], yaml, cancellationToken);
}

/// <summary>kubectl said no.</summary>
public sealed class KubectlException : Exception
{
    public KubectlException(string message)
        : base(message)
    {
    }

    public KubectlException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public KubectlException()
    {
    }
}
