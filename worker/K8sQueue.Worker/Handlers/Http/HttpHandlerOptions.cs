using K8sQueue.Core.Dialling;

namespace K8sQueue.Worker.Handlers.Http;

/// <summary>The built-in <c>http</c> handler: POST the payload to a URL.</summary>
public sealed record HttpHandlerOptions
{
    /// <summary>Where jobs go: http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>How long an attempt may take, all its calls and the answer's body included. The default value is 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one call may wait for its answer to begin; null, the default, leaves it to <see cref="Timeout"/>.</summary>
    public TimeSpan? CallTimeout { get; init; }

    /// <summary>
    /// How often an attempt repeats a call that failed in a way that may pass in a moment, 0 to 10. The default value is 2.
    /// </summary>
    public int Retries { get; init; } = 2;

    /// <summary>What calls are signed with; null, the default, for no signature.</summary>
    public string? SigningSecret { get; init; }

    /// <summary>
    /// A file that holds the secret, read for each call, so that it may be replaced while the worker runs; null, the default, for none. It goes before
    /// <see cref="SigningSecret"/>, which stands in until it was read once.
    /// </summary>
    public string? SigningSecretFile { get; init; }

    /// <summary>
    /// Whether link-local and metadata addresses (<see cref="GuardedAddresses"/>) may be called. The default value is false.
    /// </summary>
    public bool AllowLinkLocal { get; init; }
}
