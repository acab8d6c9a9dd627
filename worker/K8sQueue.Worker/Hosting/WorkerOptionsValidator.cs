using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Handlers;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Hosting;

/// <summary>Says every fault of <see cref="WorkerOptions"/> at once, by the name that the environment has for it.</summary>
internal sealed class WorkerOptionsValidator(IEnumerable<JobHandlerBinding> handlers) : IValidateOptions<WorkerOptions>
{
    private static readonly TimeSpan MaxDrainTimeout = TimeSpan.FromHours(24);

    public ValidateOptionsResult Validate(string? name, WorkerOptions options)
    {
        var faults = Faults(options).Concat(JobTypeRules.Faults(options, handlers.Select(handler => handler.Type))).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(WorkerOptions options)
    {
        if (options.Queues.Count == 0 && (options.JobTypes.Count == 0 || options.Routes.IsEmpty))
            yield return $"{WorkerEnvironment.Queues} is missing: set it to the names of one or more queues, separated by commas.";
        foreach (var queue in options.Queues.Where(queue => !QueueName.IsValid(queue)))
            yield return $"{WorkerEnvironment.Queues}: '{queue}' is not a queue name: {QueueName.Rule}.";
        if (options.Queues.Distinct(StringComparer.Ordinal).Count() != options.Queues.Count)
            yield return $"{WorkerEnvironment.Queues} names a queue twice.";
        if (options.Concurrency is < 1 or > 10_000)
            yield return $"{WorkerEnvironment.Concurrency} must be 1 to 10000, not {options.Concurrency}.";
        if (options.Prefetch is < 0 or > 10_000)
            yield return $"{WorkerEnvironment.Prefetch} must be 0 to 10000, not {options.Prefetch}.";
        if (options.PayloadMemoryMiB is < 1 or > 65_536)
            yield return $"{WorkerEnvironment.PayloadMemoryMiB} must be 1 to 65536, not {options.PayloadMemoryMiB}.";
        if (options.MaxParallelCpu is < 1 or > 1024)
            yield return $"{WorkerEnvironment.MaxParallelCpu} must be 1 to 1024, not {options.MaxParallelCpu}.";
        if (options.RateLimit is { } rate && (rate.Jobs < 1 || rate.Period <= TimeSpan.Zero))
            yield return $"{WorkerEnvironment.RateLimit} must be above 0, not {rate.Jobs} jobs in {rate.Period}.";
        if (options.DrainTimeout < TimeSpan.Zero || options.DrainTimeout > MaxDrainTimeout)
            yield return $"{WorkerEnvironment.DrainTimeout} must be 0 to 86400, not {options.DrainTimeout.TotalSeconds}.";
        if (options.RecycleAfterJobs < 0)
            yield return $"{WorkerEnvironment.RecycleAfterJobs} must be 0 or more, not {options.RecycleAfterJobs}.";
        if (options.RecycleAboveMiB is not 0 and < 128)
            yield return $"{WorkerEnvironment.RecycleAboveMiB} must be 0 or at least 128, not {options.RecycleAboveMiB}.";
        if (options.ManagementPort is < 0 or > 65535)
            yield return $"{WorkerEnvironment.ManagementPort} must be 0 to 65535, not {options.ManagementPort}.";
        if (options.ManagementToken is { Length: < 16 })
            yield return $"{WorkerEnvironment.ManagementToken} must have at least 16 characters.";
        if (string.IsNullOrEmpty(options.Name) || options.Name.Length > 200 || !options.Name.All(c => c is > ' ' and < '~'))
            yield return $"{WorkerEnvironment.PodName} '{options.Name}' must be 1 to 200 printable ASCII characters without spaces.";
    }
}
