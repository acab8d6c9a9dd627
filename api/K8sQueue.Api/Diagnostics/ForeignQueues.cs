namespace K8sQueue.Api.Diagnostics;

/// <summary>The keys by which other queue systems on the same Redis show that they have a queue of some name. Pure.</summary>
internal static class ForeignQueues
{
    /// <summary>BullMQ writes <c>meta</c> when a queue is opened and <c>id</c> when a job is added; Sidekiq's list is there while jobs wait.</summary>
    public static IReadOnlyList<string> KeysOf(string queue) => [$"bull:{queue}:meta", $"bull:{queue}:id", $"queue:{queue}"];
}
