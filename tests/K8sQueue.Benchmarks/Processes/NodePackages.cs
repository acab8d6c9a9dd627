using System.ComponentModel;
using System.Diagnostics;

namespace K8sQueue.Benchmarks.Processes;

/// <summary>The Node side of a benchmark, whose packages are installed from its lock file beside the program.</summary>
internal static class NodePackages
{
    /// <summary>Installs a folder's packages, where that has not been done since the lock file changed.</summary>
    /// <exception cref="InvalidOperationException">npm is missing, or the packages can't be installed.</exception>
    public static async Task InstallAsync(string folder, CancellationToken cancellationToken)
    {
        // npm keeps its own copy of the lock file; a package that changed since must be installed again.
        var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        var wanted = new FileInfo(Path.Combine(folder, "package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc)
            return;
        using var npm = Start(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
        npm.StandardInput.Close();
        var output = await npm.StandardOutput.ReadToEndAsync(cancellationToken);
        await npm.WaitForExitAsync(cancellationToken);
        if (npm.ExitCode != 0)
            throw new InvalidOperationException($"npm ci ended with {npm.ExitCode} in {folder}. {output}");
    }

    /// <summary>Starts a program in such a folder; its standard error is the benchmark's own.</summary>
    /// <exception cref="InvalidOperationException">The program is missing.</exception>
    public static Process Start(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
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
