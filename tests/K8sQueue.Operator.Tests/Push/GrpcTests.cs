using System.IO.Pipelines;
using K8sQueue.Operator.Push.Grpc;
using K8sQueue.Operator.Push.Protocol;

namespace K8sQueue.Operator.Tests.Push;

public sealed class GrpcTests
{
    private static readonly ScaledObjectRef Message = new() { Name = "emails", Namespace = "shop", ScalerMetadata = { ["queue"] = "emails" } };

    [Theory]
    [InlineData("3S", 3000)]
    [InlineData("250m", 250)]
    [InlineData("2M", 120_000)]
    [InlineData("1H", 3_600_000)]
    [InlineData("5000u", 5)]
    [InlineData("99999999H", 30L * 24 * 3_600_000)]
    public void A_timeout_is_digits_and_a_unit(string text, long milliseconds)
    {
        GrpcTimeout.TryParse(text, out var timeout).Should().BeTrue();

        timeout.TotalMilliseconds.Should().BeApproximately(milliseconds, 0.001);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("3")]
    [InlineData("-3S")]
    [InlineData("3X")]
    [InlineData("123456789S")]
    public void Anything_else_is_no_timeout(string text) => GrpcTimeout.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public async Task A_message_that_comes_byte_by_byte_is_read_whole()
    {
        var pipe = new Pipe();
        var reading = GrpcMessages.ReadAsync(pipe.Reader, ScaledObjectRef.Parser, CancellationToken.None);
        foreach (var b in GrpcMessages.Frame(Message))
            await pipe.Writer.WriteAsync(new[] { b });

        (await reading).Should().Be(Message);
    }

    [Fact]
    public Task A_request_that_ends_early_is_an_invalid_argument() =>
        FailsAsync(GrpcMessages.Frame(Message)[..^1], GrpcStatusCode.InvalidArgument);

    [Fact]
    public Task An_empty_request_is_an_invalid_argument() => FailsAsync([], GrpcStatusCode.InvalidArgument);

    [Fact]
    public Task A_compressed_message_is_not_taken() => FailsAsync([1, 0, 0, 0, 0], GrpcStatusCode.Unimplemented);

    [Fact]
    public Task A_message_over_the_limit_is_refused_before_it_is_read() => FailsAsync([0, 0, 2, 0, 0], GrpcStatusCode.ResourceExhausted);

    [Fact]
    public Task A_length_of_four_gigabytes_is_refused() => FailsAsync([0, 255, 255, 255, 255], GrpcStatusCode.ResourceExhausted);

    [Fact]
    public Task Bytes_that_are_no_message_are_an_invalid_argument() => FailsAsync([0, 0, 0, 0, 2, 255, 255], GrpcStatusCode.InvalidArgument);

    [Fact]
    public void A_status_message_is_percent_encoded() => GrpcCall.Encode("100 % no\nüber").Should().Be("100 %25 no%0A%C3%BCber");

    private static async Task FailsAsync(byte[] bytes, GrpcStatusCode code)
    {
        var reader = PipeReader.Create(new MemoryStream(bytes));

        var reading = FluentActions.Awaiting(() => GrpcMessages.ReadAsync(reader, ScaledObjectRef.Parser, CancellationToken.None));

        (await reading.Should().ThrowAsync<GrpcException>()).Which.Code.Should().Be(code);
    }
}
