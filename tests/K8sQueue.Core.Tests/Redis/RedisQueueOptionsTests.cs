using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace K8sQueue.Core.Tests.Redis;

public sealed class RedisQueueOptionsTests
{
    [Fact]
    public void By_default_a_lease_and_a_turn_of_housekeeping_take_less_than_ten_seconds()
    {
        var defaults = new RedisQueueOptions();

        (defaults.Lease + defaults.MaintenanceInterval).Should().BeLessThan(TimeSpan.FromSeconds(10), "jobs of a killed worker start again within those");
    }

    [Theory]
    [InlineData("K8SQUEUE_")]
    [InlineData("")]
    public void Settings_come_from_the_configuration(string prefix)
    {
        var configuration = Configuration(
            (prefix + "REDIS_ADDRESS", "redis:6380"), (prefix + "REDIS_PASSWORD", "secret"), (prefix + "REDIS_PASSWORD_FILE", "/run/p"),
            (prefix + "REDIS_DATABASE", "2"), (prefix + "REDIS_TLS", "true"), (prefix + "REDIS_CA_FILE", "/run/ca"),
            (prefix + "LEASE_SECONDS", "30"), (prefix + "MAX_CRASHES", "5"), (prefix + "INLINE_PAYLOAD_BYTES", "4096"),
            (prefix + "COMPLETED_RETENTION_SECONDS", "86400"), (prefix + "DEAD_RETENTION_SECONDS", "2592000"));

        new RedisQueueOptions().Bind(configuration).Should().BeEquivalentTo(new
        {
            Address = "redis:6380",
            Password = "secret",
            PasswordFile = "/run/p",
            Database = 2,
            Tls = true,
            CaFile = "/run/ca",
            Lease = TimeSpan.FromSeconds(30),
            MaxCrashes = 5,
            InlinePayloadBytes = 4096,
            CompletedRetention = TimeSpan.FromDays(1),
            DeadRetention = TimeSpan.FromDays(30),
        });
    }

    [Theory]
    [InlineData("REDIS_DATABASE", "two")]
    [InlineData("REDIS_TLS", "yes")]
    [InlineData("LEASE_SECONDS", "10s")]
    [InlineData("MAX_CRASHES", "-1")]
    [InlineData("DEAD_RETENTION_SECONDS", "7d")]
    public void A_value_of_the_wrong_kind_is_named(string key, string value)
    {
        var bind = () => new RedisQueueOptions().Bind(Configuration((key, value)));
        bind.Should().Throw<FormatException>().WithMessage($"K8SQUEUE_{key}*{value}*");
    }

    [Fact]
    public void Every_fault_is_told_at_once()
    {
        var validate = () => new RedisJobQueue(new RedisQueueOptions
        {
            Address = "redis://host:1",
            CaFile = "/ca",
            MaxCrashes = 0,
            ClientName = "a b",
            Lease = TimeSpan.FromSeconds(5),
        });

        validate.Should().Throw<ArgumentException>().WithMessage("*REDIS_ADDRESS*REDIS_TLS*client name*LEASE_SECONDS*MAX_CRASHES*");
    }

    [Theory]
    [InlineData("LEASE_SECONDS", "5", "LEASE_SECONDS must be at least three maintenance and two heartbeat intervals (6), not 5.")]
    [InlineData("MAX_CRASHES", "0", "MAX_CRASHES must be at least 1, not 0.")]
    [InlineData("INLINE_PAYLOAD_BYTES", "0", "INLINE_PAYLOAD_BYTES must be 1 to 1048576, not 0.")]
    [InlineData("COMPLETED_RETENTION_SECONDS", "0", "COMPLETED_RETENTION_SECONDS must be above 0 and at most 31536000 (365 days), not 0.")]
    [InlineData("DEAD_RETENTION_SECONDS", "31536001", "DEAD_RETENTION_SECONDS must be above 0 and at most 31536000 (365 days), not 31536001.")]
    public void A_value_out_of_its_range_is_named_with_what_it_must_be(string key, string value, string fault)
    {
        var options = new RedisQueueOptions().Bind(Configuration(("REDIS_ADDRESS", "redis"), (key, value)));

        new RedisQueueOptionsValidator().Validate(name: null, options).Failures.Should().Equal(fault);
    }

    [Theory]
    [InlineData("redis", "redis", 6379)]
    [InlineData("redis.shop.svc:6380", "redis.shop.svc", 6380)]
    [InlineData("[::1]:7", "::1", 7)]
    [InlineData("10.0.0.1:1", "10.0.0.1", 1)]
    public void An_address_is_host_and_port(string text, string host, int port)
    {
        RedisAddress.TryParse(text, out var address).Should().BeTrue();
        address.Should().Be(new RedisAddress(host, port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("redis:")]
    [InlineData("redis:0")]
    [InlineData("redis:65536")]
    [InlineData("redis://a:1")]
    [InlineData("a b:1")]
    [InlineData("::1")]
    public void Anything_else_is_no_address(string text) => RedisAddress.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void Registration_validates_when_the_options_are_read()
    {
        using var services = new ServiceCollection().AddLogging().AddRedisJobQueue(Configuration()).BuildServiceProvider();

        var get = () => services.GetRequiredService<IJobQueue>();

        get.Should().Throw<OptionsValidationException>().WithMessage("*REDIS_ADDRESS*");
    }

    [Fact]
    public async Task Registration_gives_one_queue()
    {
        await using var services = new ServiceCollection().AddLogging()
            .AddRedisJobQueue(Configuration(("K8SQUEUE_REDIS_ADDRESS", "localhost")), o => o.ClientName = "pod-1").BuildServiceProvider();

        services.GetRequiredService<IJobQueue>().Should().BeOfType<RedisJobQueue>()
            .And.BeSameAs(services.GetRequiredService<IJobQueue>());
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build();
}
