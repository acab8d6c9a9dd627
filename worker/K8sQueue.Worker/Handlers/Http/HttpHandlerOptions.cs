namespace K8sQueue.Worker.Handlers.Http;

/// <summary>The built-in <c>http</c> handler: POST the payload to a URL.</summary>
public sealed record HttpHandlerOptions
{
    /// <summary>Where jobs go: http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>How long a call may take, body included. The default value is 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether link-local and metadata addresses (<see cref="GuardedAddresses"/>) may be called. The default value is false.
    /// </summary>
    public bool AllowLinkLocal { get; init; }
}
