using System.Net;
using K8sQueue.Kubernetes.Client;

namespace K8sQueue.Operator.Tests.Histories.Operators;

/// <summary>A request of an operator under way: it takes effect at one time, and its answer arrives at another, or never.</summary>
internal abstract class ApiCall(OperatorProcess caller, string name, bool isWrite, DateTimeOffset sentAt)
{
    public OperatorProcess Caller => caller;

    public string Name => name;

    public bool IsWrite => isWrite;

    public DateTimeOffset SentAt => sentAt;

    public bool HasTakenEffect { get; protected set; }

    /// <summary>The caller's time ran out; the request is still on its way.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>The step of the history until which nothing happens to it.</summary>
    public int HeldUntil { get; set; }

    /// <summary>Nobody waits for the answer.</summary>
    public bool IsUnanswerable => IsAbandoned || caller.IsDead;

    /// <summary>The server does what was asked for.</summary>
    public abstract void TakeEffect();

    /// <summary>The caller gets the server's answer and goes on until its next call.</summary>
    public abstract void Answer();

    /// <summary>The caller gets an error, whether or not the server did what was asked for.</summary>
    public abstract void Fail(HttpStatusCode code, string message);
}

internal sealed class ApiCall<T>(OperatorProcess caller, string name, bool isWrite, DateTimeOffset sentAt, Func<T> effect)
    : ApiCall(caller, name, isWrite, sentAt)
{
    // Continuations run where the answer is given, so that a seed always gives the same history.
    private readonly TaskCompletionSource<T> _answer = new();
    private T? _result;
    private KubernetesApiException? _error;

    public Task<T> Task => _answer.Task;

    public override void TakeEffect()
    {
        HasTakenEffect = true;
        try
        {
            _result = effect();
        }
        catch (KubernetesApiException e)
        {
            _error = e;
        }
    }

    public override void Answer()
    {
        if (_error is not null)
            _answer.SetException(_error);
        else
            _answer.SetResult(_result!);
    }

    public override void Fail(HttpStatusCode code, string message) => _answer.SetException(new KubernetesApiException(code, null, message));
}
