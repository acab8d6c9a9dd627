namespace K8sQueue.Api.Dashboard.Login;

/// <summary>Who is logged in, by which key, and until when. It has neither the key nor its hash.</summary>
/// <param name="Name">The key's name.</param>
/// <param name="Fingerprint">The first <see cref="FingerprintBytes"/> bytes of the key's SHA-256: another key of the same name is another login.</param>
/// <param name="ExpiresAt">When it ends, in whole seconds.</param>
internal sealed record SessionTicket(string Name, byte[] Fingerprint, DateTimeOffset ExpiresAt)
{
    public const int FingerprintBytes = 16;

    /// <summary>How long a login lasts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);
}
