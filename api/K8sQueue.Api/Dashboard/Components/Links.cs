using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Dashboard.Components;

/// <summary>The addresses of the pages.</summary>
internal static class Links
{
    public static string Queue(string queue) => $"/queues/{Escape(queue)}";

    public static string Jobs(string queue) => $"{Queue(queue)}/jobs";

    public static string Enqueue(string queue) => $"{Queue(queue)}/enqueue";

    public static string Limits(string queue) => $"{Queue(queue)}/limits";

    public static string DeadLetters(string queue) => $"{Queue(queue)}/dead-letters";

    public static string DeadLetter(JobId id) => $"{DeadLetters(id.Queue)}/{Escape(id.Value)}";

    public static string Schedules(string queue) => $"{Queue(queue)}/schedules";

    public static string Schedule(string queue, string name) => $"{Schedules(queue)}/{Escape(name)}";

    public static string NewSchedule(string queue) => $"{Queue(queue)}/new-schedule";

    public static string Job(JobId id) => $"/jobs/{Escape(id.Value)}";

    public static string Batch(BatchId id) => $"/batches/{Escape(id.Value)}";

    public static string Pool(string @namespace, string name) => $"/pools/{Escape(@namespace)}/{Escape(name)}";

    public static string Budget(string @namespace, string name) => $"/budgets/{Escape(@namespace)}/{Escape(name)}";

    /// <summary>The workers of a queue, at one of them.</summary>
    public static string Worker(string queue, string name) => $"/workers?queue={Escape(queue)}#worker-{Escape(name)}";

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
