using System.Text;
using K8sQueue.Operator.Push.Certificates;

namespace K8sQueue.Operator.Tests.Push;

public sealed class CertificateTests
{
    private const string Host = "k8squeue-push.k8squeue-system";
    private const string Namespace = "shop";

    private static readonly DateTimeOffset Start = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Nothing_changes_while_nothing_is_due()
    {
        var material = PushMaterial.Renew(null, Host, Start);

        PushMaterial.Renew(material, Host, Start + TimeSpan.FromDays(59)).Should().BeSameAs(material);
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        var material = PushMaterial.Renew(null, Host, Start);

        var read = PushMaterial.Read(material.ToData())!;

        read.Bundle.Should().Equal(material.Bundle);
        PushMaterial.Renew(read, Host, Start).Should().BeSameAs(read);
    }

    [Theory]
    [InlineData("authorities.pem")]
    [InlineData("tls.crt")]
    [InlineData("tls.key")]
    public void A_secret_that_somebody_spoilt_is_made_anew(string key)
    {
        var data = PushMaterial.Renew(null, Host, Start).ToData();
        data[key] = Encoding.ASCII.GetBytes("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

        PushMaterial.Read(data).Should().BeNull();
        PushMaterial.Read(new()).Should().BeNull();
    }

    [Fact]
    public void The_servers_certificate_is_for_the_advertised_host_and_keeps_another_replicas()
    {
        var first = PushMaterial.Renew(null, Host, Start);
        var second = PushMaterial.Renew(first, "10.0.0.7", Start);

        CertificateChecks.HostsOf(second.Server).Should().BeEquivalentTo(Host, "10.0.0.7");
        PushMaterial.Renew(second, Host, Start).Should().BeSameAs(second);
    }

    [Fact]
    public void A_servers_certificate_is_no_clients_and_the_other_way_round()
    {
        var material = PushMaterial.Renew(null, Namespace, Start);
        var data = ClientMaterial.Make(material, Namespace, Start);
        var client = CertificatePem.Read(data["tls.crt"], data["tls.key"])!;

        ClientMaterial.NamespaceOf(material.Server, material, Start).Should().BeNull();
        ClientMaterial.NamespaceOf(client, material, Start).Should().Be(Namespace);
        CertificateChecks.IsGood(client, material.Authorities, CertificateIssuer.ServerAuthentication, Start).Should().BeFalse();
    }

    [Fact]
    public void A_certificate_of_another_authority_or_time_is_nobodys()
    {
        var material = PushMaterial.Renew(null, Host, Start);
        var foreign = ClientMaterial.Make(PushMaterial.Renew(null, Host, Start), Namespace, Start);
        var own = ClientMaterial.Make(material, Namespace, Start);

        ClientMaterial.NamespaceOf(CertificatePem.Read(foreign["tls.crt"], foreign["tls.key"]), material, Start).Should().BeNull();
        ClientMaterial.NamespaceOf(null, material, Start).Should().BeNull();
        var client = CertificatePem.Read(own["tls.crt"], own["tls.key"]);
        ClientMaterial.NamespaceOf(client, material, Start + TimeSpan.FromDays(91)).Should().BeNull();
    }

    [Fact]
    public void The_fingerprint_changes_with_the_certificate_only()
    {
        var material = PushMaterial.Renew(null, Host, Start);
        var data = ClientMaterial.Make(material, Namespace, Start);

        ClientMaterial.Fingerprint(data).Should().Be(ClientMaterial.Fingerprint(data)).And.HaveLength(16);
        ClientMaterial.Fingerprint(ClientMaterial.Make(material, Namespace, Start)).Should().NotBe(ClientMaterial.Fingerprint(data));
    }

    /// <summary>
    /// Twenty-five years, in steps of five days. KEDA goes on with what it read for one step after the Secret has changed: both
    /// sides accept each other at every moment, through every renewal of every certificate.
    /// </summary>
    [Fact]
    public void Server_and_clients_trust_each_other_through_every_renewal()
    {
        var material = PushMaterial.Renew(null, Host, Start);
        var current = ClientMaterial.Make(material, Namespace, Start);
        var authorities = new HashSet<string>();
        var renewals = 0;
        for (var now = Start; now < Start + TimeSpan.FromDays(365 * 25); now += TimeSpan.FromDays(5))
        {
            var previous = current;
            material = PushMaterial.Renew(material, Host, now);
            authorities.UnionWith(material.Authorities.Select(authority => authority.Subject));
            Check(previous, material, now);
            if (ClientMaterial.IsGood(current, material, Namespace, now))
                continue;
            current = ClientMaterial.Make(material, Namespace, now);
            renewals++;
            Check(current, material, now);
        }

        authorities.Count.Should().BeInRange(3, 4);
        renewals.Should().BeGreaterThan(100);
    }

    private static void Check(Dictionary<string, byte[]> client, PushMaterial material, DateTimeOffset now)
    {
        using var certificate = CertificatePem.Read(client["tls.crt"], client["tls.key"]);
        ClientMaterial.NamespaceOf(certificate, material, now).Should().Be(Namespace, $"the server takes it on {now:d}");
        var trusted = new System.Security.Cryptography.X509Certificates.X509Certificate2Collection();
        trusted.ImportFromPem(Encoding.ASCII.GetString(client["ca.crt"]));
        CertificateChecks.IsGood(material.Server, trusted, CertificateIssuer.ServerAuthentication, now).Should().BeTrue($"the client takes it on {now:d}");
    }
}
