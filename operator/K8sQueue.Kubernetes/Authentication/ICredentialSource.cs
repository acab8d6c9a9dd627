using System.Security.Cryptography.X509Certificates;

namespace K8sQueue.Kubernetes.Authentication;

/// <summary>What a request is authenticated by.</summary>
/// <param name="Token">Bearer token; null for none.</param>
/// <param name="ClientCertificate">Certificate with its private key; null for none.</param>
public sealed record Credential(string? Token, X509Certificate2? ClientCertificate)
{
    /// <summary>Neither token nor certificate.</summary>
    public static Credential None { get; } = new(null, null);

    /// <summary>Intermediate certificates to send with <see cref="ClientCertificate"/>.</summary>
    public X509Certificate2Collection? Intermediates { get; init; }

    // A record prints its members: never the token.
    public override string ToString() => $"Credential(token: {Token is not null}, certificate: {ClientCertificate?.Subject})";
}

/// <summary>Gives credentials, and renews those that the server no longer takes.</summary>
public interface ICredentialSource
{
    /// <summary>The present credential; cached by the source.</summary>
    ValueTask<Credential> GetAsync(CancellationToken cancellationToken);

    /// <summary>The server answered 401 to this credential: do not give it again if another can be had.</summary>
    void Invalidate(Credential credential);
}

/// <summary>No authentication.</summary>
public sealed class AnonymousCredentials : ICredentialSource
{
    public static AnonymousCredentials Instance { get; } = new();

    public ValueTask<Credential> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Credential.None);

    public void Invalidate(Credential credential)
    {
    }
}

/// <summary>A token or certificate that stays.</summary>
public sealed class StaticCredentials(Credential credential) : ICredentialSource
{
    public ValueTask<Credential> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(credential);

    public void Invalidate(Credential credential)
    {
    }
}
