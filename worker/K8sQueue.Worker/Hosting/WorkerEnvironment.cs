using System.Globalization;
using System.Net;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Worker.Hosting;

/// <summary>
/// Reads the worker's settings as the environment names them. A name with <c>_FILE</c> appended gives a file that holds the value.
/// </summary>
public static class WorkerEnvironment
{
    public const string Queues = "K8SQUEUE_QUEUES";
    public const string JobTypes = "K8SQUEUE_JOB_TYPES";
    public const string Routes = JobRoutes.Variable;
    public const string Concurrency = "K8SQUEUE_CONCURRENCY";
    public const string Prefetch = "K8SQUEUE_PREFETCH";
    public const string PayloadMemoryMiB = "K8SQUEUE_PAYLOAD_MEMORY_MIB";
    public const string MaxParallelCpu = "K8SQUEUE_MAX_PARALLEL_CPU";
    public const string RateLimit = "K8SQUEUE_RATE_LIMIT";
    public const string DrainTimeout = "K8SQUEUE_DRAIN_TIMEOUT_SECONDS";
    public const string RecycleAfterJobs = "K8SQUEUE_RECYCLE_AFTER_JOBS";
    public const string RecycleAboveMiB = "K8SQUEUE_RECYCLE_ABOVE_MIB";
    public const string ManagementPort = "K8SQUEUE_MANAGEMENT_PORT";
    public const string ManagementAddress = "K8SQUEUE_MANAGEMENT_ADDRESS";
    public const string ManagementToken = "K8SQUEUE_MANAGEMENT_TOKEN";
    public const string PodName = "K8SQUEUE_POD_NAME";
    public const string LogFormat = "K8SQUEUE_LOG_FORMAT";
    public const string Handlers = "K8SQUEUE_HANDLERS";
    public const string HttpSigningSecret = "K8SQUEUE_HTTP_SIGNING_SECRET";
    public const string HttpAllowLinkLocal = "K8SQUEUE_HTTP_ALLOW_LINK_LOCAL";

    /// <summary>Takes what <paramref name="configuration"/> sets; the rest of the options stays as it is.</summary>
    /// <exception cref="WorkerConfigurationException">A value is not of its kind; the message names the variable.</exception>
    public static WorkerOptions Bind(this WorkerOptions options, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(options);
        ReadList(configuration, Queues, options.Queues);
        ReadList(configuration, JobTypes, options.JobTypes);
        if (JobRoutes.From(configuration) is { IsEmpty: false } routes)
            options.Routes = routes;
        options.Concurrency = ReadNumber(configuration, Concurrency) ?? options.Concurrency;
        options.Prefetch = ReadNumber(configuration, Prefetch) ?? options.Prefetch;
        options.PayloadMemoryMiB = ReadNumber(configuration, PayloadMemoryMiB) ?? options.PayloadMemoryMiB;
        options.MaxParallelCpu = ReadNumber(configuration, MaxParallelCpu) ?? options.MaxParallelCpu;
        if (Read(configuration, RateLimit) is { } rate)
        {
            options.RateLimit = Execution.RateLimit.Parse(rate)
                ?? throw new WorkerConfigurationException($"{RateLimit} must be {Execution.RateLimit.Form}, not '{rate}'.");
        }

        if (ReadNumber(configuration, DrainTimeout) is { } seconds)
            options.DrainTimeout = TimeSpan.FromSeconds(seconds);
        options.RecycleAfterJobs = ReadNumber(configuration, RecycleAfterJobs) ?? options.RecycleAfterJobs;
        options.RecycleAboveMiB = ReadNumber(configuration, RecycleAboveMiB) ?? options.RecycleAboveMiB;
        options.ManagementPort = ReadNumber(configuration, ManagementPort) ?? options.ManagementPort;
        options.ManagementToken = Read(configuration, ManagementToken) ?? options.ManagementToken;
        options.Name = Read(configuration, PodName) ?? options.Name;
        if (Read(configuration, ManagementAddress) is { } address)
        {
            options.ManagementAddress = IPAddress.TryParse(address, out var parsed)
                ? parsed
                : throw new WorkerConfigurationException($"{ManagementAddress} must be an IP address, not '{address}'.");
        }

        return options;
    }

    /// <summary>The value of a variable, or what the file named by its <c>_FILE</c> sibling holds, without the last line break.</summary>
    /// <exception cref="WorkerConfigurationException">The file can't be read.</exception>
    internal static string? Read(IConfiguration configuration, string name)
    {
        if (configuration[name] is { Length: > 0 } value)
            return value;
        if (FileOf(configuration, name) is not { } path)
            return null;
        try
        {
            return File.ReadAllText(path).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkerConfigurationException($"{name}_FILE: {e.Message}", e);
        }
    }

    /// <summary>The file that holds the value of a variable; null where there is none, or the variable itself has a value.</summary>
    internal static string? FileOf(IConfiguration configuration, string name) =>
        configuration[name] is { Length: > 0 } ? null : configuration[name + "_FILE"] is { Length: > 0 } path ? path : null;

    internal static bool? ReadFlag(IConfiguration configuration, string name)
    {
        if (Read(configuration, name) is not { } text)
            return null;
        return bool.TryParse(text, out var flag)
            ? flag
            : throw new WorkerConfigurationException($"{name} must be true or false, not '{text}'.");
    }

    private static void ReadList(IConfiguration configuration, string name, IList<string> list)
    {
        if (Read(configuration, name) is not { } text)
            return;
        list.Clear();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            list.Add(item);
    }

    private static int? ReadNumber(IConfiguration configuration, string name)
    {
        if (Read(configuration, name) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new WorkerConfigurationException($"{name} must be a whole number, not '{text}'.");
    }
}
