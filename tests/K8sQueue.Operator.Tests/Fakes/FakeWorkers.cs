using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;

namespace K8sQueue.Operator.Tests.Fakes;

/// <summary>Workers by address, which here is the pod's name. One that is not told of is idle.</summary>
internal sealed class FakeWorkers : IWorkerManagement
{
    private readonly Dictionary<string, int> _inFlight = new(StringComparer.Ordinal);

    private int _hanging;

    private readonly Dictionary<string, TimeSpan> _quiescedFor = new(StringComparer.Ordinal);

    public HashSet<string> Quiesced { get; } = new(StringComparer.Ordinal);

    /// <summary>What keeps the worker of that address from jobs.</summary>
    public Dictionary<string, string> BlockedBy { get; } = new(StringComparer.Ordinal);

    /// <summary>Nobody answers until the call is given up.</summary>
    public bool Hang { get; set; }

    /// <summary>Calls that are not answered.</summary>
    public int Hanging => _hanging;

    /// <summary>Calls to anybody time out, in no time.</summary>
    public bool Drops { get; set; }

    public HashSet<string> Silent { get; } = new(StringComparer.Ordinal);

    /// <summary>Nobody listens on their ports.</summary>
    public HashSet<string> Deaf { get; } = new(StringComparer.Ordinal);

    /// <summary>For how long it was told to fetch no more, last.</summary>
    public TimeSpan? QuiescedFor(string address) => _quiescedFor.TryGetValue(address, out var time) ? time : null;

    /// <summary>Every call: verb and address.</summary>
    public List<string> Calls { get; } = [];

    public int this[string address]
    {
        get => _inFlight.GetValueOrDefault(address);
        set => _inFlight[address] = value;
    }

    public Task<WorkerAnswer> AskAsync(WorkerEndpoint worker, CancellationToken cancellationToken) => Answer("ask", worker, () => { }, cancellationToken);

    public Task<WorkerAnswer> QuiesceAsync(WorkerEndpoint worker, TimeSpan time, string? heldAt, CancellationToken cancellationToken) =>
        Answer("quiesce", worker, () =>
        {
            Quiesced.Add(worker.Address);
            _quiescedFor[worker.Address] = time;
        }, cancellationToken);

    public Task<WorkerAnswer> ResumeAsync(WorkerEndpoint worker, string? seenAt, CancellationToken cancellationToken) =>
        Answer("resume", worker, () => Quiesced.Remove(worker.Address), cancellationToken);

    /// <summary>Pools that are gone.</summary>
    public List<NamespacedName> Forgotten { get; } = [];

    public void Forget(NamespacedName pool) => Forgotten.Add(pool);

    private Task<WorkerAnswer> Answer(string verb, WorkerEndpoint worker, Action change, CancellationToken cancellationToken)
    {
        if (Hang)
            return NeverAsync(cancellationToken);
        lock (Calls)
        {
            Calls.Add($"{verb} {worker.Address}");
            if (Drops)
                return Task.FromResult<WorkerAnswer>(new WorkerAnswer.Silence("no answer within 2 s", TookLong: true));
            if (Silent.Contains(worker.Address))
                return Task.FromResult<WorkerAnswer>(new WorkerAnswer.Silence("no answer"));
            if (Deaf.Contains(worker.Address))
                return Task.FromResult<WorkerAnswer>(new WorkerAnswer.Silence("refused", NobodyListens: true));
            change();
            return Task.FromResult<WorkerAnswer>(new WorkerAnswer.Report(this[worker.Address], Quiesced.Contains(worker.Address), Draining: false, BlockedBy.GetValueOrDefault(worker.Address)));
        }
    }

    private async Task<WorkerAnswer> NeverAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _hanging);
        return await new TaskCompletionSource<WorkerAnswer>().Task.WaitAsync(cancellationToken);
    }
}
