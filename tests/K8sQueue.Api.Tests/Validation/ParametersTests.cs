using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;

namespace K8sQueue.Api.Tests.Validation;

public sealed class ParametersTests
{
    [Theory]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.0000000+00:00")]
    [InlineData("2026-01-31T12:00:00.5+05:45", "2026-01-31T12:00:00.5000000+05:45")]
    [InlineData("2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.1234568+00:00")]
    [InlineData("2026-01-31T12:00:00.0000000+00:00", "2026-01-31T12:00:00.0000000+00:00")]
    [InlineData("2026-01-31T12:00Z", "2026-01-31T12:00:00.0000000+00:00")]
    public void A_time_is_read_as_it_is_written(string text, string time) =>
        Parameters.RequireTime("before", text)!.Value.ToString("O", System.Globalization.CultureInfo.InvariantCulture).Should().Be(time);

    [Fact]
    public void A_time_that_the_dashboard_writes_is_read()
    {
        var now = new DateTimeOffset(2026, 1, 31, 12, 0, 0, 17, TimeSpan.Zero);
        Parameters.RequireTime("before", Show.Iso(now)).Should().Be(now);
        Parameters.RequireTime("before", text: null).Should().BeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("05:00")]
    [InlineData("01/02/2026")]
    [InlineData("2026-01-31")]
    [InlineData("2026-01-31T12:00:00")]
    [InlineData("2026-01-31 12:00:00Z")]
    [InlineData(" 2026-01-31T12:00:00Z")]
    [InlineData("2026-01-31T12:00:00Z\n")]
    [InlineData("2026-02-30T12:00:00Z")]
    [InlineData("2026-01-31T25:00:00Z")]
    [InlineData("2026-01-31T12:00:00+15:00")]
    [InlineData("Sat, 31 Jan 2026 12:00:00 GMT")]
    [InlineData("٢٠٢٦-01-31T12:00:00Z")]
    public void What_is_no_whole_time_is_refused(string text)
    {
        var read = () => Parameters.RequireTime("before", text);
        read.Should().Throw<ProblemException>().Which.Problem.Field.Should().Be("before");
    }
}
