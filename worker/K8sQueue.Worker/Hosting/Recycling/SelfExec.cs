using System.Collections;
using System.Runtime.InteropServices;
using K8sQueue.Worker.Handlers.Exec;

namespace K8sQueue.Worker.Hosting;

/// <summary>
/// Executes the program again in the same process: it keeps its id, and in a container that of PID 1, so that nobody takes the restart for
/// an end. Whatever is open is closed by the kernel (the runtime opens all with close-on-exec).
/// </summary>
internal static class SelfExec
{
    /// <summary>Does not return where it succeeds; else the error, or 0 where the request was taken back.</summary>
    public static unsafe int Run(RecycleRequest request)
    {
        using var argv = new NativeStrings(Arguments(File.ReadAllText("/proc/self/cmdline")));
        using var envp = new NativeStrings(
            [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}")]);

        // A signal that comes between the start of the new program and that of its handlers would be lost (PID 1 ignores what it has no
        // handler for). Blocked, it waits until AcceptSignals.
        Mask(Libc.SignalBlock);
        if (!request.IsMade)
        {
            Mask(Libc.SignalUnblock);
            return 0;
        }

        _ = Libc.execve(Environment.ProcessPath!, argv.Pointer, envp.Pointer);
        var error = Marshal.GetLastPInvokeError();
        Mask(Libc.SignalUnblock);
        return error;
    }

    /// <summary>The arguments of a command line as the kernel tells it: each ends with a null, also an empty one.</summary>
    internal static string[] Arguments(string commandLine) =>
        (commandLine.EndsWith('\0') ? commandLine[..^1] : commandLine).Split('\0');

    /// <summary>Takes the signals that <see cref="Run"/> blocked. On the main thread, which lives as long as the process.</summary>
    public static void AcceptSignals() => Mask(Libc.SignalUnblock);

    private static unsafe void Mask(int how)
    {
        var signals = stackalloc byte[Libc.OpaqueSize];
        _ = Libc.sigemptyset(signals);
        _ = Libc.sigaddset(signals, Libc.SigTerm);
        _ = Libc.sigaddset(signals, Libc.SigInt);
        _ = Libc.pthread_sigmask(how, signals, null);
    }
}
