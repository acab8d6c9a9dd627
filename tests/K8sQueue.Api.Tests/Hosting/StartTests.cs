using K8sQueue.Api.Authentication;
using K8sQueue.Api.Hosting;

namespace K8sQueue.Api.Tests.Hosting;

public sealed class StartTests
{
    private static readonly string Line = ApiKey.Create("a").Key.Line;

    [Fact]
    public void Without_keys_the_api_refuses_to_start_and_says_how_to_make_one()
    {
        var build = () => Build();
        build.Should().Throw<ApiConfigurationException>().WithMessage("*create-key*").WithMessage($"*{ApiOptions.KeysFileVariable}*");
    }

    [Theory]
    [InlineData("false", null, "*No API keys*")]
    [InlineData("yes", null, "*must be true or false*")]
    [InlineData("true", "with-keys", "*remove one*")]
    [InlineData(null, "# nothing", "*No API keys*")]
    [InlineData(null, "nonsense", "*Entry 1*")]
    public void Other_bad_settings_of_keys_are_refused_too(string? anonymous, string? keys, string message)
    {
        var build = () => Build(
            $"--{ApiOptions.AnonymousVariable}={anonymous}", $"--{ApiOptions.KeysVariable}={(keys == "with-keys" ? Line : keys)}");
        build.Should().Throw<ApiConfigurationException>().WithMessage(message);
    }

    [Fact]
    public void A_keys_file_that_is_not_there_is_refused()
    {
        var build = () => Build($"--{ApiOptions.KeysFileVariable}=/nowhere/keys");
        build.Should().Throw<ApiConfigurationException>().WithMessage($"{ApiOptions.KeysFileVariable} can't be read*");
    }

    [Theory]
    [InlineData("--K8SQUEUE_REDIS_ADDRESS=redis://x")]
    [InlineData("--K8SQUEUE_REDIS_ADDRESS=")]
    [InlineData("--K8SQUEUE_REDIS_DATABASE=one")]
    public void Bad_settings_of_redis_are_refused(string setting)
    {
        var build = () => Build($"--{ApiOptions.KeysVariable}={Line}", setting);
        build.Should().Throw<ApiConfigurationException>();
    }

    private static void Build(params string[] settings) =>
        ApiHost.Build(["--K8SQUEUE_REDIS_ADDRESS=127.0.0.1:1", .. settings]).DisposeAsync().AsTask().GetAwaiter().GetResult();
}
