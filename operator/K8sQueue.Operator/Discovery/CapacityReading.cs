namespace K8sQueue.Operator.Discovery;

/// <summary>What a server said of its connections.</summary>
/// <param name="Capacity">Those that it accepts from the pools and everybody else.</param>
/// <param name="Detail">How that comes about, for people; the same as long as the server's settings are.</param>
/// <param name="Live">Those that are open, by who opened them; null where that can't be seen.</param>
/// <param name="Hidden">Why it can't be seen, and what to do; null where it can.</param>
public sealed record CapacityReading(int Capacity, string Detail, IReadOnlyList<LiveConnections>? Live, string? Hidden = null)
{
    /// <summary>Which of the server's limits it told, where it does not tell all to everybody: one that it told before and hides now is not gone.</summary>
    public IReadOnlyList<string> Told { get; init; } = [];
}

/// <summary>Open connections that call themselves the same and come from the same host.</summary>
/// <param name="Name">application_name or client name; empty where they have none.</param>
/// <param name="Host">Where they come from.</param>
/// <param name="Count">How many.</param>
public sealed record LiveConnections(string Name, string Host, int Count);

/// <summary>A read that failed: the reason is the condition's, the message says what to do.</summary>
public sealed class CapacityReadException(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Reason { get; } = reason;
}
