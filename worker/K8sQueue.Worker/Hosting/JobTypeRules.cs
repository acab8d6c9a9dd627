using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Handlers;

namespace K8sQueue.Worker.Hosting;

/// <summary>How a worker's job types, their routes, its queues and its handlers fit together. No I/O.</summary>
internal static class JobTypeRules
{
    /// <summary>The queues of the worker's job types, in their order, where it was told none.</summary>
    public static void FindQueues(WorkerOptions options)
    {
        if (options.Queues.Count > 0)
            return;
        foreach (var type in options.JobTypes)
        {
            if (options.Routes.TryGetQueue(type, out var queue) && !options.Queues.Contains(queue))
                options.Queues.Add(queue);
        }
    }

    /// <summary>What is wrong, by the names that the environment has for it.</summary>
    public static IEnumerable<string> Faults(WorkerOptions options, IEnumerable<string> handled)
    {
        if (options.JobTypes.Count == 0)
            yield break;
        foreach (var type in options.JobTypes.Where(type => type.Length is 0 or > JobLimits.MaxTypeLength))
            yield return $"{WorkerEnvironment.JobTypes}: a job type has 1 to {JobLimits.MaxTypeLength} characters, not '{type}'.";
        if (options.JobTypes.Distinct(StringComparer.Ordinal).Count() != options.JobTypes.Count)
            yield return $"{WorkerEnvironment.JobTypes} names a type twice.";
        var known = handled.ToHashSet(StringComparer.Ordinal);
        if (!known.Contains(JobHandlerBinding.CatchAll))
        {
            foreach (var type in options.JobTypes.Where(type => !known.Contains(type)))
                yield return $"{WorkerEnvironment.JobTypes}: there is no handler for '{type}'.";
        }

        if (options.Routes.IsEmpty)
            yield break;
        var read = new HashSet<string>(StringComparer.Ordinal);
        foreach (var type in options.JobTypes)
        {
            if (!options.Routes.TryGetQueue(type, out var queue))
                yield return $"{WorkerEnvironment.JobTypes}: '{type}' has no route in {WorkerEnvironment.Routes}.";
            else if (!options.Queues.Contains(queue))
                yield return $"{WorkerEnvironment.JobTypes}: '{type}' goes to queue '{queue}', which {WorkerEnvironment.Queues} does not name.";
            else
                read.Add(queue);
        }

        foreach (var queue in options.Queues.Where(queue => !read.Contains(queue)))
            yield return $"{WorkerEnvironment.Queues}: none of {WorkerEnvironment.JobTypes} goes to queue '{queue}'.";
    }
}
