using System.Collections.Concurrent;
using System.Globalization;

namespace K8sQueue.Worker.Handlers.Exec;

/// <summary>
/// The commands that run, and, where this process is PID 1 of its container, the reaping of orphans: what a command left behind
/// in a session of its own becomes our child, and a zombie when it ends, for which nobody else would wait.
/// </summary>
internal sealed class ChildProcesses(TimeProvider time) : IHostedService, IDisposable
{
    private static readonly Lock Gate = new();
    private static readonly ConcurrentDictionary<int, byte> Running = new();

    // A registration for SIGCHLD would make the runtime itself wait for every child, and take our commands' exit codes.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private ITimer? _timer;

    /// <summary>Starts to reap, where this is PID 1.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Libc.getpid() == 1)
            _timer = time.CreateTimer(static _ => ReapOrphans(), null, Interval, Interval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Starts a command and knows it as ours before anybody looks for orphans.</summary>
    public static int Start(Func<int> spawn)
    {
        lock (Gate)
        {
            var id = spawn();
            Running[id] = 0;
            return id;
        }
    }

    public static void Remove(int id) => Running.TryRemove(id, out _);

    public void Dispose() => _timer?.Dispose();

    // Only zombies of other sessions: a child that was started by Process is in ours, and its exit code is not ours to take.
    private static void ReapOrphans()
    {
        var session = Libc.getsid(0);
        lock (Gate)
        {
            foreach (var directory in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture, out var id)
                    && !Running.ContainsKey(id)
                    && IsOrphanedZombie(id, session))
                    _ = Libc.waitpid(id, out _, Libc.WaitNoHang);
            }
        }
    }

    /// <summary>Whether that is what the kernel says of a process. What can't be read is none: on the timer's thread a fault would end the worker.</summary>
    internal static bool IsOrphanedZombie(string stat, int session)
    {
        // pid (comm) state ppid pgrp session ...; comm may hold spaces and parentheses.
        return stat[(stat.LastIndexOf(')') + 1)..].Split(' ') is [_, "Z", "1", _, var found, ..]
            && int.TryParse(found, CultureInfo.InvariantCulture, out var other) && other != session;
    }

    private static bool IsOrphanedZombie(int id, int session)
    {
        try
        {
            return IsOrphanedZombie(File.ReadAllText($"/proc/{id}/stat"), session);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended between the listing and the read.
            return false;
        }
    }
}
