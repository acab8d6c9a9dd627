using System.Runtime.InteropServices;

namespace K8sQueue.Worker.Hosting;

/// <summary>
/// Whether the process is to start anew when its host has ended. A signal takes that back, whenever it comes: the registrations outlive the
/// host, up to the moment of the start.
/// </summary>
internal sealed class RecycleRequest
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _state;

    public bool IsMade => Volatile.Read(ref _state) == 1;

    public void Make()
    {
        Interlocked.CompareExchange(ref _state, 1, 0);
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                TakeBack();
            }));
        }
    }

    public void TakeBack() => Volatile.Write(ref _state, 2);
}
