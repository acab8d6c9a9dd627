using System.Net;
using K8sQueue.Api.Health;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.RateLimits;
using Microsoft.Extensions.Configuration;

namespace K8sQueue.Api.Tests.RateLimits;

/// <summary>How much is leased, whose a bucket is, and what settings say.</summary>
public sealed class LeaseRulesTests
{
    [Theory]
    [InlineData(1000, 2000, 100)]
    [InlineData(1000, 30, 30)]
    [InlineData(5, 100, 1)]
    [InlineData(15, 100, 2)]
    public void A_lease_is_what_comes_in_a_tenth_of_a_second_and_one_at_least(int rate, int burst, int lease) =>
        new RateLimit(rate, burst).MaxLease.Should().Be(lease);

    [Theory]
    [InlineData(1, 10, 2)]
    [InlineData(64, 100, 100)]
    [InlineData(8, 300, 8)]
    [InlineData(8, 500, 4)]
    [InlineData(1, 5000, 1)]
    public void Leases_grow_where_they_are_used_up_quickly_and_shrink_where_they_last(int size, int milliseconds, int next) =>
        LeaseRules.NextSize(size, TimeSpan.FromMilliseconds(milliseconds), new RateLimit(1000, 2000)).Should().Be(next);

    [Theory]
    [InlineData("10.1.2.3", "address:10.1.2.3")]
    [InlineData("::ffff:10.1.2.3", "address:10.1.2.3")]
    [InlineData("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64")]
    [InlineData(null, "address:unknown")]
    public void A_stranger_is_an_address_or_a_network_of_IPv6(string? address, string bucket) =>
        BucketName.Of(CallerKind.Stranger, address is null ? null : IPAddress.Parse(address)).ToString().Should().Be(bucket);

    [Fact]
    public void Names_of_keys_and_addresses_are_apart() => new[]
    {
        new BucketName(CallerKind.Key, "a").ToString(), new BucketName(CallerKind.Anybody, "a").ToString(), new BucketName(CallerKind.Stranger, "a").ToString(),
    }.Should().OnlyHaveUniqueItems();

    [Fact]
    public void There_are_limits_by_default_where_there_is_a_cache_and_else_none()
    {
        Read().IsOn.Should().BeFalse();
        var options = Read(("K8SQUEUE_CACHE_REDIS_ADDRESS", "cache:6379"));
        options.Key.Should().Be(new RateLimit(1000, 2000));
        options.Address.Should().Be(new RateLimit(20, 100));
        options.WhenAway.Should().Be(WhenAway.Open);
    }

    [Fact]
    public void A_burst_follows_its_rate_and_0_is_no_limit()
    {
        var options = Read(
            ("K8SQUEUE_CACHE_REDIS_ADDRESS", "cache:6379"), (RateLimitOptions.KeyRateVariable, "50"), (RateLimitOptions.AddressRateVariable, "0"),
            (RateLimitOptions.WhenAwayVariable, "closed"));
        options.Key.Should().Be(new RateLimit(50, 100));
        options.Address.Should().BeNull();
        options.WhenAway.Should().Be(WhenAway.Closed);
    }

    [Theory]
    [InlineData(RateLimitOptions.KeyRateVariable, "fast", "*whole number from 0 to 1000000*")]
    [InlineData(RateLimitOptions.KeyRateVariable, "-1", "*whole number*")]
    [InlineData(RateLimitOptions.AddressBurstVariable, "0", "*from 1 to 10000000*")]
    [InlineData(RateLimitOptions.WhenAwayVariable, "ajar", "*must be open or closed*")]
    public void A_setting_that_can_not_be_read_is_refused(string name, string value, string message)
    {
        var read = () => Read(("K8SQUEUE_CACHE_REDIS_ADDRESS", "cache:6379"), (name, value));
        read.Should().Throw<ApiConfigurationException>().WithMessage(message);
    }

    [Fact]
    public void A_limit_without_a_cache_is_refused()
    {
        var read = () => Read((RateLimitOptions.KeyRateVariable, "10"));
        read.Should().Throw<ApiConfigurationException>().WithMessage("*K8SQUEUE_CACHE_REDIS_ADDRESS*");
    }

    [Theory]
    [InlineData("10.0.0.0/8, 192.168.1.1,2001:db8::/32", 1, 2)]
    [InlineData("127.0.0.1", 1, 0)]
    public void Proxies_are_addresses_and_networks(string list, int proxies, int networks)
    {
        var options = TrustedProxies.Read(Configuration((TrustedProxies.Variable, list)))!;
        options.KnownProxies.Should().HaveCount(proxies);
        options.KnownIPNetworks.Should().HaveCount(networks);
    }

    [Fact]
    public void No_proxy_is_trusted_by_default_and_a_name_is_refused()
    {
        TrustedProxies.Read(Configuration()).Should().BeNull();
        var read = () => TrustedProxies.Read(Configuration((TrustedProxies.Variable, "ingress")));
        read.Should().Throw<ApiConfigurationException>().WithMessage("*'ingress'*");
    }

    private static RateLimitOptions Read(params (string Name, string Value)[] settings)
    {
        var configuration = Configuration(settings);
        return RateLimitOptions.From(configuration, DependencyOptions.From(configuration));
    }

    private static IConfigurationRoot Configuration(params (string Name, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();
}
