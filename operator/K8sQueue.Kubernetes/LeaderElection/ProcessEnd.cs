using System.Diagnostics;

namespace K8sQueue.Kubernetes.LeaderElection;

/// <summary>Ends this process and whatever it is in the middle of.</summary>
internal static class ProcessEnd
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    /// <summary>Exits; where something registered for the exit does not let go, it is killed a quarter of a second later.</summary>
    public static void Now(int exitCode)
    {
        var killer = new Thread(static () =>
        {
            using var never = new ManualResetEventSlim();
            never.Wait(Patience);
            using var self = Process.GetCurrentProcess();
            self.Kill();
        })
        { IsBackground = true };
        killer.Start();
        Environment.Exit(exitCode);
    }
}
