using System.Net;
using K8sQueue.Core.Dialling;
using K8sQueue.Worker.Handlers.Http;

namespace K8sQueue.Worker.Tests.Handlers;

public sealed class GuardedAddressesTests
{
    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("febf::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("64:ff9b:1::169.254.169.254")]
    [InlineData("64:ff9b:1:fffe::169.254.169.254")]
    [InlineData("64:ff9b:1:a9fe:a9:fe00::")]
    [InlineData("64:ff9b:1:00a9:00fe:a9fe::")]
    [InlineData("64:ff9b:1:1:00a9:fea9:fe00:0")]
    public void A_metadata_or_link_local_address_is_guarded_however_it_is_written(string address)
    {
        GuardedAddresses.Contains(IPAddress.Parse(address)).Should().BeTrue();
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("api.localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.9.1", true)]
    [InlineData("::1", true)]
    [InlineData("rebound.example.com", false)]
    [InlineData("notlocalhost", false)]
    [InlineData("10.0.0.1", false)]
    public void This_machine_is_called_only_where_the_url_names_it(string host, bool allowed)
    {
        IPAddress[] own = [.. new[] { "127.0.0.1", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1" }.Select(IPAddress.Parse)];

        GuardedConnector.Allowed(host, own, allowLinkLocal: false).Should().HaveCount(allowed ? own.Length : 0);
        GuardedConnector.Allowed(host, own, allowLinkLocal: true).Should().HaveCount(allowed ? own.Length : 0);
    }

    [Fact]
    public void Of_a_names_addresses_those_that_are_not_guarded_are_dialled()
    {
        IPAddress[] addresses = [.. new[] { "169.254.169.254", "10.0.0.7", "127.0.0.1" }.Select(IPAddress.Parse)];

        GuardedConnector.Allowed("api.example.com", addresses, allowLinkLocal: false).Should().Equal(IPAddress.Parse("10.0.0.7"));
        GuardedConnector.Allowed("api.example.com", addresses, allowLinkLocal: true).Should().Equal(addresses[..2]);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("::1")]
    [InlineData("fec0::1")]
    [InlineData("fd00:ec2::253")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b:1::10.0.0.1")]
    [InlineData("64:ff9b:1:fffe::10.169.254.7")]
    public void Any_other_address_is_not(string address)
    {
        GuardedAddresses.Contains(IPAddress.Parse(address)).Should().BeFalse();
    }
}
