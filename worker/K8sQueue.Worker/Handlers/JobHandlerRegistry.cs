using System.Collections.Frozen;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Handlers;

/// <summary>Which handler a job type has.</summary>
internal sealed class JobHandlerRegistry
{
    private readonly FrozenDictionary<string, JobPipeline> _byType;
    private readonly JobPipeline? _catchAll;

    /// <exception cref="InvalidOperationException">Two handlers want the same type.</exception>
    public JobHandlerRegistry(
        IEnumerable<JobHandlerBinding> bindings,
        IEnumerable<JobMiddlewareBinding> middleware,
        IOptions<WorkerOptions> options,
        IServiceProvider services,
        TimeProvider time)
    {
        var byType = new Dictionary<string, JobPipeline>(StringComparer.Ordinal);
        foreach (var binding in bindings)
        {
            if (!byType.TryAdd(binding.Type, new JobPipeline(binding, middleware, services, time)))
                throw new InvalidOperationException($"Job type '{binding.Type}' has two handlers.");
        }

        byType.Remove(JobHandlerBinding.CatchAll, out _catchAll);
        if (options.Value.JobTypes is { Count: > 0 } taken && !taken.Contains(JobHandlerBinding.CatchAll))
        {
            byType = taken.Where(type => byType.ContainsKey(type) || _catchAll is not null)
                .ToDictionary(type => type, type => byType.GetValueOrDefault(type) ?? _catchAll!, StringComparer.Ordinal);
            _catchAll = null;
        }

        _byType = byType.ToFrozenDictionary(StringComparer.Ordinal);
        KnownTypes = string.Join(", ", byType.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>The types, for messages; empty where there is none.</summary>
    public string KnownTypes { get; }

    public JobPipeline? Find(string type) => _byType.GetValueOrDefault(type) ?? _catchAll;
}
