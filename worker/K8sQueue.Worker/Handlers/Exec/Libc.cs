using System.Runtime.InteropServices;

namespace K8sQueue.Worker.Handlers.Exec;

/// <summary>
/// What is called of the C library. .NET's own Process can make neither a session nor a process group, and killing a "tree"
/// leaves whoever's parent ended first.
/// </summary>
internal static partial class Libc
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SignalBlock = 0;       // SIG_BLOCK
    public const int SignalUnblock = 1;     // SIG_UNBLOCK
    public const int Interrupted = 4;       // EINTR
    public const int NoChild = 10;          // ECHILD
    public const int WaitNoHang = 1;        // WNOHANG
    public const int WaitExited = 4;        // WEXITED
    public const int WaitNoReap = 0x01000000;   // WNOWAIT
    public const int WaitPid = 1;           // P_PID
    public const short PollIn = 1;
    public const int PidfdOpenNumber = 434; // the same on every architecture
    public const int PidfdSendSignalNumber = 424;
    public const uint MemfdCloseOnExec = 1;
    public const int CloseOnExec = 0x80000; // O_CLOEXEC
    public const short SpawnSetSigDef = 0x04;
    public const short SpawnSetSigMask = 0x08;
    public const short SpawnSetSession = 0x80;

    /// <summary>Above the size of any libc's opaque posix_spawn structures and signal sets (glibc: 336 bytes).</summary>
    public const int OpaqueSize = 1024;

    private const string Library = "libc";

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int posix_spawnp(
        out int pid, string file, byte* fileActions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport(Library)]
    public static unsafe partial int posix_spawn_file_actions_init(byte* fileActions);

    [LibraryImport(Library)]
    public static unsafe partial int posix_spawn_file_actions_destroy(byte* fileActions);

    [LibraryImport(Library)]
    public static unsafe partial int posix_spawn_file_actions_adddup2(byte* fileActions, int fd, int newFd);

    [LibraryImport(Library)]
    public static unsafe partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport(Library)]
    public static unsafe partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport(Library)]
    public static unsafe partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport(Library)]
    public static unsafe partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport(Library)]
    public static unsafe partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport(Library)]
    public static unsafe partial int sigfillset(byte* signals);

    [LibraryImport(Library)]
    public static unsafe partial int sigemptyset(byte* signals);

    [LibraryImport(Library)]
    public static unsafe partial int sigaddset(byte* signals, int signal);

    [LibraryImport(Library)]
    public static unsafe partial int pthread_sigmask(int how, byte* signals, byte* before);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int execve(string path, byte** argv, byte** envp);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int waitpid(int pid, out int status, int options);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int waitid(int idType, int id, byte* info, int options);

    [LibraryImport(Library)]
    public static partial int getpid();

    [LibraryImport(Library)]
    public static partial int getsid(int pid);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int pipe2(int* fds, int flags);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int memfd_create(string name, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial nint write(int fd, byte* buffer, nint count);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial nint read(int fd, byte* buffer, nint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial long lseek(int fd, long offset, int whence);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint pidfd_open(nint number, nint pid, nint flags);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint pidfd_send_signal(nint number, nint process, nint signal, nint information, nint flags);

    [LibraryImport(Library)]
    public static partial int close(int fd);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int poll(PollFd* fds, nuint count, int timeout);
}
