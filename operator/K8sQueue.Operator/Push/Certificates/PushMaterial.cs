using System.Security.Cryptography.X509Certificates;

namespace K8sQueue.Operator.Push.Certificates;

/// <summary>What the operator's own Secret holds: the authorities, oldest first, with their keys, and the server's certificate with its.</summary>
internal sealed record PushMaterial(IReadOnlyList<X509Certificate2> Authorities, X509Certificate2 Server)
{
    private const string AuthoritiesKey = "authorities.pem";
    private const string CertificateKey = "tls.crt";
    private const string PrivateKey = "tls.key";
    private const int MostHosts = 8;

    /// <summary>The certificates of all authorities, as callers trust them.</summary>
    public byte[] Bundle => CertificatePem.Certificates(Authorities);

    /// <summary>The authority that signs now.</summary>
    public X509Certificate2 Signer(DateTimeOffset now) => Signer(Authorities, now);

    public Dictionary<string, byte[]> ToData() => new()
    {
        [AuthoritiesKey] = CertificatePem.Pairs(Authorities),
        [CertificateKey] = CertificatePem.Certificates([Server]),
        [PrivateKey] = CertificatePem.Key(Server),
    };

    /// <summary>Null where there is none, or it can't be read.</summary>
    public static PushMaterial? Read(Dictionary<string, byte[]>? data)
    {
        var authorities = CertificatePem.ReadPairs(data?.GetValueOrDefault(AuthoritiesKey));
        var server = CertificatePem.Read(data?.GetValueOrDefault(CertificateKey), data?.GetValueOrDefault(PrivateKey));
        return authorities.Count > 0 && server is not null ? new PushMaterial(authorities, server) : null;
    }

    /// <summary>What it should be now: the same where nothing is due.</summary>
    /// <param name="host">The host that this process advertises. Another one may advertise another, and both stay in.</param>
    public static PushMaterial Renew(PushMaterial? present, string host, DateTimeOffset now)
    {
        var authorities = AuthoritiesAt(present?.Authorities ?? [], now);
        if (present is not null && IsServerGood(present.Server, authorities, host, now))
            return authorities.SequenceEqual(present.Authorities) ? present : present with { Authorities = authorities };
        var others = present is null ? [] : CertificateChecks.HostsOf(present.Server);
        var hosts = others.Prepend(host).Distinct(StringComparer.OrdinalIgnoreCase).Take(MostHosts);
        return new PushMaterial(authorities, CertificateIssuer.Server(Signer(authorities, now), hosts, now));
    }

    private static List<X509Certificate2> AuthoritiesAt(IReadOnlyList<X509Certificate2> present, DateTimeOffset now)
    {
        var authorities = present.Where(authority => CertificateChecks.Lasts(authority, TimeSpan.Zero, now)).ToList();
        if (!authorities.Exists(authority => CertificateChecks.Lasts(authority, PushLifetimes.AuthorityRenewal, now)))
            authorities.Add(CertificateIssuer.Authority(now));
        return authorities;
    }

    /// <summary>The newest that everybody knows by now; the oldest where there is no such.</summary>
    private static X509Certificate2 Signer(IReadOnlyList<X509Certificate2> authorities, DateTimeOffset now) =>
        authorities.LastOrDefault(authority => now - authority.NotBefore.ToUniversalTime() >= PushLifetimes.Propagation) ?? authorities[0];

    private static bool IsServerGood(X509Certificate2 server, List<X509Certificate2> authorities, string host, DateTimeOffset now) =>
        CertificateChecks.Lasts(server, PushLifetimes.LeafRenewal, now)
        && CertificateChecks.HostsOf(server).Contains(host, StringComparer.OrdinalIgnoreCase)
        && CertificateChecks.IsGood(server, authorities, CertificateIssuer.ServerAuthentication, now);
}
