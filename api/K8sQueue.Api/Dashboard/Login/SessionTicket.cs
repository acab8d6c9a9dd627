namespace K8sQueue.Api.Dashboard.Login;

/// <summary>Who is logged in, by which key or issuer, and until when. It has neither the key nor its hash.</summary>
/// <param name="Name">The name of the key or the subject.</param>
/// <param name="Fingerprint">
/// The first <see cref="FingerprintBytes"/> bytes of the key's SHA-256: another key of the same name is another login. For a subject, of its issuer and client.
/// </param>
/// <param name="ExpiresAt">When it ends, in whole seconds.</param>
/// <param name="Grants">What the subject may, as texts of <see cref="Authentication.KeyScope"/>; null for a key, which is looked up.</param>
internal sealed record SessionTicket(string Name, byte[] Fingerprint, DateTimeOffset ExpiresAt, IReadOnlyList<string>? Grants = null)
{
    public const int FingerprintBytes = 16;

    /// <summary>How long a login lasts at most.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);
}
