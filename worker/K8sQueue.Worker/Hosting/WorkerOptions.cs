using System.Net;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Execution;

namespace K8sQueue.Worker.Hosting;

/// <summary>Settings of a worker.</summary>
public sealed class WorkerOptions
{
    /// <summary>
    /// The queues it works for; those that have jobs take turns. At least one. Where it is left empty and <see cref="JobTypes"/> are given,
    /// the queues of those by <see cref="Routes"/>.
    /// </summary>
    public IList<string> Queues { get; } = [];

    /// <summary>
    /// The job types that it takes; a job of another type in its queues is a dead letter. The default, none, takes every type that
    /// has a handler.
    /// </summary>
    public IList<string> JobTypes { get; } = [];

    /// <summary>Which queue the jobs of a type go to. The default value is <see cref="JobRoutes.None"/>.</summary>
    public JobRoutes Routes { get; set; } = JobRoutes.None;

    /// <summary>The most jobs in flight at once, 1 to 10,000. The default value is 10.</summary>
    public int Concurrency { get; set; } = 10;

    /// <summary>
    /// How many jobs it may hold beyond those that run, 0 to 10,000, so that a slot that gets free has its next job at once. They are
    /// kept from other workers meanwhile, and handed back in a drain. The default value is 0.
    /// </summary>
    public int Prefetch { get; set; }

    /// <summary>
    /// How much memory large payloads may take that are kept apart from their jobs or compressed, in MiB, 1 to 65,536; jobs wait for it before
    /// they start. The default value is 32.
    /// </summary>
    public int PayloadMemoryMiB { get; set; } = 32;

    /// <summary>
    /// Whether garbage is collected whenever large payloads of that much memory were read, all threads standing still meanwhile: it keeps a process small that
    /// does nothing else, and whose heap is collected in a few milliseconds. The worker's program sets it. The default value is false.
    /// </summary>
    public bool CollectsAfterPayloads { get; set; }

    /// <summary>The most CPU-bound handlers at once, 1 to 1,024. The default value is the number of processors.</summary>
    public int MaxParallelCpu { get; set; } = Environment.ProcessorCount;

    /// <summary>How many jobs this worker may start in how long. The default value is null: no limit.</summary>
    public RateLimit? RateLimit { get; set; }

    /// <summary>
    /// How long a drain waits for running jobs before it stops them and hands them back. The default value is 30 seconds.
    /// The process may need <see cref="DrainMargin"/> more.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// What a drain may take on top of <see cref="DrainTimeout"/>, at worst, to stop handlers, hand jobs back and leave:
    /// a pod's grace period is the sum of both.
    /// </summary>
    public static readonly TimeSpan DrainMargin = TimeSpan.FromSeconds(15);

    /// <summary>
    /// After how many jobs the worker finishes what runs and executes itself again, for handlers that leak. The default value is 0: never.
    /// It needs <c>host.RunK8sQueueWorker()</c>.
    /// </summary>
    public int RecycleAfterJobs { get; set; }

    /// <summary>Above how much memory (working set, after a collection) it does so, in MiB; 0, the default, for never, else 128 or more.</summary>
    public int RecycleAboveMiB { get; set; }

    /// <summary>The worker's name at the broker, to which a boot id is added. The default value is the host's name.</summary>
    public string Name { get; set; } = Environment.MachineName;

    /// <summary>The port of health, metrics and quiescing; 0 for any free one, null for none. The default value is 8081.</summary>
    public int? ManagementPort { get; set; } = 8081;

    /// <summary>The address it listens on. The default value is any.</summary>
    public IPAddress ManagementAddress { get; set; } = IPAddress.IPv6Any;

    /// <summary>The bearer token of <c>/inflight</c>, <c>/quiesce</c> and <c>/resume</c>; without it they answer 403.</summary>
    public string? ManagementToken { get; set; }
}
