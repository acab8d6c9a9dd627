using System.Globalization;
using System.Text;

namespace K8sQueue.Worker.Handlers.Exec;

/// <summary>
/// What a command leaves behind in a session of its own (<c>setsid</c>) is in no group that could be signalled; it is known by the
/// environment that it inherited, which names the start of the job.
/// </summary>
internal static class Leftovers
{
    // Who forks while it is looked for is found by the next look.
    private const int MaxLooks = 5;

    /// <summary>Kills every process that has all of the variables, and answers how many.</summary>
    public static int Kill(params ReadOnlySpan<string> variables)
    {
        var killed = 0;
        for (var look = 0; look < MaxLooks; look++)
        {
            var found = 0;
            foreach (var directory in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    && id != Environment.ProcessId)
                    found += KillIfIts(id, directory, variables) ? 1 : 0;
            }

            if (found == 0)
                break;
            killed += found;
        }

        return killed;
    }

    // The descriptor first: it stays the process's whose environment is read, though its number may become a stranger's.
    private static bool KillIfIts(int id, string directory, ReadOnlySpan<string> variables)
    {
        var process = (int)Libc.pidfd_open(Libc.PidfdOpenNumber, id, 0);
        if (process < 0)
            return false;
        try
        {
            var environment = Encoding.UTF8.GetString(File.ReadAllBytes($"{directory}/environ"));
            foreach (var variable in variables)
            {
                if (!$"\0{environment}".Contains($"\0{variable}\0", StringComparison.Ordinal))
                    return false;
            }

            return Libc.pidfd_send_signal(Libc.PidfdSendSignalNumber, process, Libc.SigKill, 0, 0) == 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or it is another user's.
            return false;
        }
        finally
        {
            _ = Libc.close(process);
        }
    }
}
