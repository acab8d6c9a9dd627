namespace K8sQueue.Worker.Handlers.Exec;

/// <summary>The built-in <c>exec</c> handler: run a command, payload on its standard input.</summary>
public sealed record ExecHandlerOptions
{
    /// <summary>The program and its arguments. No shell reads them.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>How long a command may run. The default value is 5 minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}
