using System.Runtime.InteropServices;

namespace K8sQueue.LocalCluster.Kubelet.Processes;

internal static class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>kill(2); false where there is no such process.</summary>
    public static bool Send(int process, int signal) => Native.Kill(process, signal) == 0;

    /// <summary>kill(2) of the whole process group.</summary>
    public static bool SendToGroup(int group, int signal) => Native.Kill(-group, signal) == 0;

    private static class Native
    {
        [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Kill(int process, int signal);
    }
}
