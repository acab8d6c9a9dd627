using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Tests.Discovery;

/// <summary>What a budget may not lead the operator to.</summary>
public sealed class ServerGuardTests
{
    [Theory]
    [InlineData("169.254.169.254:6379")]
    [InlineData("169.254.169.254")]
    [InlineData("[fd00:ec2::254]:6379")]
    [InlineData("[::ffff:169.254.169.254]:6379")]
    public async Task A_Redis_at_such_an_address_is_not_called(string address)
    {
        var budget = DiscoverySamples.Budget(spec => spec.Redis = new RedisServerSpec { Address = address });

        (await FailureAsync(() => DiscoverySamples.ReadAsync(budget))).Message.Should().StartWith($"Redis at {address} is ");
    }

    [Theory]
    [InlineData("http://169.254.169.254")]
    [InlineData("http://169.254.169.254:15672/")]
    [InlineData("http://[fe80::1]:15672")]
    [InlineData("http://2852039166/")]
    public async Task A_RabbitMQ_at_such_an_address_is_not_called(string url) =>
        (await FailureAsync(() => ReadRabbitAsync(url, allowLinkLocal: false))).Message.Should().Contain("K8SQUEUE_OPERATOR_ALLOW_LINK_LOCAL");

    [Theory]
    [InlineData("postgresql://u:s3cret@169.254.169.254/db")]
    [InlineData("postgresql://u:s3cret@[fe80::1]:5432/db")]
    [InlineData("host=127.0.0.1,169.254.169.254 user=u password=s3cret")]
    [InlineData("Host=169.254.169.254:5433;Username=u;Password=s3cret")]
    public async Task A_PostgreSQL_at_such_an_address_is_not_called_not_even_as_one_of_several(string text)
    {
        var failure = await FailureAsync(() => DiscoverySamples.ReadAsync(DiscoverySamples.PostgresBudget(), DiscoverySamples.Secret("db", ("url", text))));

        failure.ToString().Should().NotContain("s3cret");
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("[fe80::1]:80")]
    public async Task Whoever_runs_the_operator_may_allow_it(string address)
    {
        var check = () => new ServerGuard(allowLinkLocal: true).CheckAsync("It", address, CancellationToken.None);

        await check.Should().NotThrowAsync();
    }

    private static Task<CapacityReading> ReadRabbitAsync(string url, bool allowLinkLocal) => DiscoverySamples.ReadAsync(
        DiscoverySamples.Budget(spec => spec.Rabbitmq = new RabbitMqServerSpec
        {
            ManagementUrl = url,
            UsernameSecretRef = new() { Name = "rabbit", Key = "user" },
            PasswordSecretRef = new() { Name = "rabbit", Key = "password" },
        }),
        allowLinkLocal,
        DiscoverySamples.Secret("rabbit", ("user", "u"), ("password", "s3cret")));

    private static async Task<CapacityReadException> FailureAsync(Func<Task> read)
    {
        var failure = (await read.Should().ThrowAsync<CapacityReadException>()).Which;
        failure.Reason.Should().Be("AddressRefused");
        return failure;
    }
}
