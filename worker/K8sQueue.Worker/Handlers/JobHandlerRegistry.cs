using System.Collections.Frozen;

namespace K8sQueue.Worker.Handlers;

/// <summary>Which handler a job type has.</summary>
internal sealed class JobHandlerRegistry
{
    private readonly FrozenDictionary<string, JobHandlerBinding> _byType;
    private readonly JobHandlerBinding? _catchAll;

    /// <exception cref="InvalidOperationException">Two handlers want the same type.</exception>
    public JobHandlerRegistry(IEnumerable<JobHandlerBinding> bindings)
    {
        var byType = new Dictionary<string, JobHandlerBinding>(StringComparer.Ordinal);
        foreach (var binding in bindings)
        {
            if (!byType.TryAdd(binding.Type, binding))
                throw new InvalidOperationException($"Job type '{binding.Type}' has two handlers.");
        }

        byType.Remove(JobHandlerBinding.CatchAll, out _catchAll);
        _byType = byType.ToFrozenDictionary(StringComparer.Ordinal);
        KnownTypes = string.Join(", ", byType.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>The types, for messages; empty where there is none.</summary>
    public string KnownTypes { get; }

    public bool IsEmpty => _catchAll is null && _byType.Count == 0;

    public JobHandlerBinding? Find(string type) => _byType.GetValueOrDefault(type) ?? _catchAll;
}
