using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Controllers;

namespace K8sQueue.Kubernetes.Tests.Fakes;

/// <summary>Counts its calls, and ends them as it is told.</summary>
public sealed class WidgetFinalizer : IEntityFinalizer<V1Widget>
{
    private int _calls;

    public int Calls => _calls;

    public Func<V1Widget, int, ReconciliationResult<V1Widget>> OnFinalize { get; set; } = (w, _) => ReconciliationResult<V1Widget>.Success(w);

    public Task<ReconciliationResult<V1Widget>> FinalizeAsync(V1Widget entity, CancellationToken cancellationToken) =>
        Task.FromResult(OnFinalize(entity, Interlocked.Increment(ref _calls)));
}

/// <summary>Keeps what it was called with, and ends as it is told.</summary>
public sealed class WidgetController : IEntityController<V1Widget>
{
    private int _running;

    public ConcurrentQueue<string> Reconciled { get; } = new();

    public ConcurrentQueue<int?> Sizes { get; } = new();

    public ConcurrentQueue<string?> Deleted { get; } = new();

    public Exception? Failure { get; private set; }

    public int Running => _running;

    public int Cancelled { get; private set; }

    public Task Gate { get; set; } = Task.CompletedTask;

    public Func<V1Widget, ReconciliationResult<V1Widget>> OnReconcile { get; set; } = w => ReconciliationResult<V1Widget>.Success(w);

    public async Task<ReconciliationResult<V1Widget>> ReconcileAsync(V1Widget entity, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _running);
        try
        {
            await Gate.WaitAsync(cancellationToken);
            Reconciled.Enqueue(entity.Metadata.Name!);
            Sizes.Enqueue(entity.Spec.Size);
            return OnReconcile(entity);
        }
        catch (OperationCanceledException)
        {
            Cancelled++;
            throw;
        }
        catch (Exception e) when (e is not InvalidOperationException)
        {
            Failure = e;
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public Task<ReconciliationResult<V1Widget>> DeletedAsync(V1Widget entity, CancellationToken cancellationToken)
    {
        Deleted.Enqueue(entity.Metadata.Uid);
        return Task.FromResult(ReconciliationResult<V1Widget>.Success(entity));
    }
}
