using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace K8sQueue.Worker.Handlers.Exec;

/// <summary>
/// A command in a session, and so a process group, of its own. The group is signalled as one, and it is killed before its
/// leader's process id is given up, so the signal can't reach a stranger who got the same number.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SafeFileHandle _input;
    private readonly SafeFileHandle _output;
    private readonly SafeFileHandle _error;
    private readonly SafeFileHandle? _exit;
    private bool _reaped;

    private ChildProcess(int id, SafeFileHandle input, SafeFileHandle output, SafeFileHandle error)
    {
        Id = id;
        _input = input;
        _output = output;
        _error = error;
        var exit = (int)Libc.pidfd_open(Libc.PidfdOpenNumber, id, 0);
        _exit = exit >= 0 ? new SafeFileHandle(exit, ownsHandle: true) : null;
    }

    /// <summary>Process, process group and session id alike.</summary>
    public int Id { get; }

    public int OutputFd => Fd(_output);

    /// <summary>Readable once the command has ended; -1 where the kernel can't say so.</summary>
    public int ExitFd => _exit is null ? -1 : Fd(_exit);

    public int ErrorFd => Fd(_error);

    /// <exception cref="Win32Exception">The command could not be started.</exception>
    public static unsafe ChildProcess Start(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, ReadOnlySpan<byte> input)
    {
        var inputFile = MemoryFile(input);
        var (output, outputEnd) = Pipe();
        var (error, errorEnd) = Pipe();
        using (outputEnd)
        using (errorEnd)
        {
            try
            {
                int[] standardFds = [Fd(inputFile), Fd(outputEnd), Fd(errorEnd)];
                var id = ChildProcesses.Start(() => Spawn(command, environment, standardFds));
                return new ChildProcess(id, inputFile, output, error);
            }
            catch
            {
                inputFile.Dispose();
                output.Dispose();
                error.Dispose();
                throw;
            }
        }
    }

    /// <summary>Sends a signal to everybody in the group, unless the command has been waited for.</summary>
    public void Signal(int signal)
    {
        lock (_lock)
        {
            if (!_reaped)
                Libc.kill(-Id, signal);
        }
    }

    /// <summary>Whether the command itself has ended (and waits to be reaped).</summary>
    public unsafe bool HasExited()
    {
        // siginfo_t, 128 bytes; si_signo at its start stays 0 while nobody has exited.
        var info = stackalloc byte[128];
        new Span<byte>(info, 128).Clear();
        var answer = Libc.waitid(Libc.WaitPid, Id, info, Libc.WaitExited | Libc.WaitNoHang | Libc.WaitNoReap);
        return answer != 0 ? Marshal.GetLastPInvokeError() == Libc.NoChild : *(int*)info != 0;
    }

    /// <summary>
    /// Kills what is left of the group and reaps it. The exit code, or 128 + the signal that ended the command.
    /// Call it when <see cref="HasExited"/> says so.
    /// </summary>
    public int Reap()
    {
        lock (_lock)
        {
            if (_reaped)
                throw new InvalidOperationException("The command was reaped before.");
            Libc.kill(-Id, Libc.SigKill);
            var error = Wait(Id, out var status);
            _reaped = true;
            ChildProcesses.Remove(Id);

            // As PID 1 the killed members of the group become our children; nobody else would reap them.
            while (Libc.waitpid(-Id, out _, Libc.WaitNoHang) > 0)
            {
            }

            if (error != 0)
                throw new Win32Exception(error, "The command's exit code was taken by somebody else");
            return (status & 0x7f) is var signal and not 0 ? 128 + signal : (status >> 8) & 0xff;
        }
    }

    public void Dispose()
    {
        if (!_reaped)
        {
            Signal(Libc.SigKill);
            Reap();
        }

        _input.Dispose();
        _output.Dispose();
        _error.Dispose();
        _exit?.Dispose();
    }

    // Answers the error, or 0.
    private static int Wait(int id, out int status)
    {
        while (Libc.waitpid(id, out status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() is var error and not Libc.Interrupted)
                return error;
        }

        return 0;
    }

    private static unsafe int Spawn(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, ReadOnlySpan<int> standardFds)
    {
        var attributes = stackalloc byte[Libc.OpaqueSize];
        var actions = stackalloc byte[Libc.OpaqueSize];
        var signals = stackalloc byte[Libc.OpaqueSize];
        Must(Libc.posix_spawnattr_init(attributes));
        Must(Libc.posix_spawn_file_actions_init(actions));
        using var argv = new NativeStrings(command);
        using var envp = new NativeStrings([.. environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        try
        {
            // .NET ignores SIGPIPE and blocks nothing; a command starts with every signal as a shell would give it.
            Must(Libc.posix_spawnattr_setflags(attributes, Libc.SpawnSetSession | Libc.SpawnSetSigDef | Libc.SpawnSetSigMask));
            Must(Libc.sigfillset(signals));
            Must(Libc.posix_spawnattr_setsigdefault(attributes, signals));
            Must(Libc.sigemptyset(signals));
            Must(Libc.posix_spawnattr_setsigmask(attributes, signals));
            for (var i = 0; i < standardFds.Length; i++)
                Must(Libc.posix_spawn_file_actions_adddup2(actions, standardFds[i], i));
            Must(Libc.posix_spawnp(out var id, command[0], actions, attributes, argv.Pointer, envp.Pointer), command[0]);
            return id;
        }
        finally
        {
            Must(Libc.posix_spawn_file_actions_destroy(actions));
            Must(Libc.posix_spawnattr_destroy(attributes));
        }
    }

    // Standard input as a file in memory: complete before the command starts, so nobody has to feed a pipe.
    private static unsafe SafeFileHandle MemoryFile(ReadOnlySpan<byte> content)
    {
        var file = new SafeFileHandle(Checked(Libc.memfd_create("k8squeue-job", Libc.MemfdCloseOnExec)), ownsHandle: true);
        fixed (byte* start = content)
        {
            for (nint written = 0; written < content.Length;)
                written += Checked((int)Libc.write(Fd(file), start + written, content.Length - written));
        }

        Libc.lseek(Fd(file), 0, 0);
        return file;
    }

    private static unsafe (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        var fds = stackalloc int[2];
        Checked(Libc.pipe2(fds, Libc.CloseOnExec));
        return (new SafeFileHandle(fds[0], ownsHandle: true), new SafeFileHandle(fds[1], ownsHandle: true));
    }

    private static int Fd(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    // posix_spawn and its like answer the error instead of setting errno.
    private static void Must(int error, string? program = null)
    {
        if (error != 0)
            throw new Win32Exception(error, $"{program ?? "posix_spawn"}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    private static int Checked(int answer) => answer >= 0 ? answer : throw new Win32Exception(Marshal.GetLastPInvokeError());
}
