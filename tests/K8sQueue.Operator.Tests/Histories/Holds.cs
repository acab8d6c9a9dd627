using K8sQueue.Operator.Tests.Histories.Operators;

namespace K8sQueue.Operator.Tests.Histories;

/// <summary>Requests and watches that get stuck for some steps of a history, while all else goes on.</summary>
internal sealed class Holds(Random random)
{
    private readonly Dictionary<IWatch, int> _watches = [];

    /// <summary>Steps done.</summary>
    public int Step { get; private set; }

    /// <summary>The next step; watches whose time is over have lost their place.</summary>
    public IReadOnlyList<IWatch> Next()
    {
        Step++;
        if (_watches.Count == 0)
            return [];
        var over = _watches.Where(item => item.Value <= Step).Select(item => item.Key).ToList();
        over.ForEach(watch => _watches.Remove(watch));
        return over;
    }

    /// <summary>Now and then it is for a while that nothing happens to a request: on its way there, or on its way back.</summary>
    public void Catch(ApiCall call)
    {
        if (random.Next(15) == 0)
            call.HeldUntil = Step + random.Next(2, 25);
    }

    /// <summary>Whether somebody else has the lock.</summary>
    public bool IsLockLate() => random.Next(3) == 0;

    public void Catch(IWatch watch) => _watches.TryAdd(watch, Step + random.Next(3, 25));

    public bool Has(ApiCall call) => call.HeldUntil > Step;

    public bool Has(IWatch watch) => _watches.Count > 0 && _watches.ContainsKey(watch);

    public void Release() => _watches.Clear();
}
