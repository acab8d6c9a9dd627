using System.Net;
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
    public void A_metadata_or_link_local_address_is_guarded_however_it_is_written(string address)
    {
        GuardedAddresses.Contains(IPAddress.Parse(address)).Should().BeTrue();
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
    public void Any_other_address_is_not(string address)
    {
        GuardedAddresses.Contains(IPAddress.Parse(address)).Should().BeFalse();
    }
}
