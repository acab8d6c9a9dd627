using System.Text;

namespace K8sQueue.Worker.Handlers.Exec;

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its exit code, or 128 + the signal that ended it.</param>
/// <param name="Output">The start of standard output, up to one byte more than a result may have.</param>
/// <param name="ErrorTail">The last lines of standard error.</param>
internal sealed record CommandResult(int ExitCode, ReadOnlyMemory<byte> Output, string ErrorTail);

/// <summary>Runs one command to its end, on a thread of its own that waits for its output and its exit.</summary>
internal static class CommandRun
{
    /// <summary>How long a cancelled command has between SIGTERM and SIGKILL.</summary>
    public static readonly TimeSpan TerminationGrace = TimeSpan.FromSeconds(2);

    private const int MaxErrorTail = 4096;
    private const int ReadSize = 4096;
    private const int PipeCapacity = 64 * 1024;

    // Where the kernel has no pidfd (before 5.3, some sandboxes) the exit is asked for.
    private const int ExitPollMilliseconds = 20;

    public static Task<CommandResult> RunAsync(
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string> environment,
        ReadOnlyMemory<byte> input,
        TimeProvider time,
        CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            () => Run(command, environment, input, time, cancellationToken),
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);

    private static CommandResult Run(
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string> environment,
        ReadOnlyMemory<byte> input,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var child = ChildProcess.Start(command, environment, input.Span);
        using var killer = time.CreateTimer(
            static state => ((ChildProcess)state!).Signal(Libc.SigKill), child, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var cancellation = cancellationToken.Register(() =>
        {
            child.Signal(Libc.SigTerm);
            killer.Change(TerminationGrace, Timeout.InfiniteTimeSpan);
        });
        var output = new OutputHead(JobContext.MaxResultBytes + 1);
        var error = new OutputTail(MaxErrorTail);
        Pump(child, output, error);
        var exitCode = child.Reap();

        // One that finished its work though it was told to stop is done.
        if (exitCode != 0)
            cancellationToken.ThrowIfCancellationRequested();
        return new CommandResult(exitCode, output.Content, Encoding.UTF8.GetString(error.Content));
    }

    // Until the command has ended; then what the pipes still hold, but no more: a daemon that kept them may write for ever.
    private static unsafe void Pump(ChildProcess child, OutputHead output, OutputTail error)
    {
        var buffer = stackalloc byte[ReadSize];
        var fds = stackalloc Libc.PollFd[3];
        fds[0] = new Libc.PollFd { Fd = child.OutputFd, Events = Libc.PollIn };
        fds[1] = new Libc.PollFd { Fd = child.ErrorFd, Events = Libc.PollIn };
        fds[2] = new Libc.PollFd { Fd = child.ExitFd, Events = Libc.PollIn };
        var leftAfterExit = 2 * PipeCapacity / ReadSize;
        for (var exited = false; leftAfterExit > 0;)
        {
            var ready = Libc.poll(fds, 3, exited ? 0 : child.ExitFd >= 0 ? -1 : ExitPollMilliseconds);
            if (exited && ready <= 0)
                return;
            if (!exited && child.HasExited())
            {
                exited = true;
                fds[2].Fd = -1;

                // Whoever is left of the group would go on writing.
                child.Signal(Libc.SigKill);
            }

            leftAfterExit -= exited ? 1 : 0;
            for (var i = 0; i < 2 && ready > 0; i++)
            {
                if (fds[i].Fd < 0 || fds[i].Returned == 0)
                    continue;
                var count = Libc.read(fds[i].Fd, buffer, ReadSize);
                if (count == 0)
                    fds[i].Fd = -1;
                else if (count > 0 && i == 0)
                    output.Append(new ReadOnlySpan<byte>(buffer, (int)count));
                else if (count > 0)
                    error.Append(new ReadOnlySpan<byte>(buffer, (int)count));
            }
        }
    }
}
