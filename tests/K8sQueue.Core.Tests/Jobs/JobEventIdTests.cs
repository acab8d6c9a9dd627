using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Tests.Jobs;

public sealed class JobEventIdTests
{
    [Theory]
    [InlineData("0-0")]
    [InlineData("1700000000000-12")]
    public void An_id_is_read_and_written(string text)
    {
        JobEventId.TryParse(text, out var id).Should().BeTrue();
        id.ToString().Should().Be(text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("1-2-3")]
    [InlineData(" 1-2")]
    [InlineData("1-99999999999999999999")]
    public void What_is_no_id_is_refused(string? text) => JobEventId.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void Ids_are_in_the_order_of_their_events()
    {
        JobEventId[] ids = [new(2, 0), new(1, 10), new(1, 9), JobEventId.Start];

        ids.Order().Should().Equal(ids.Reverse());
        (ids[0] > ids[1] && ids[2] < ids[1] && ids[3] <= JobEventId.Start && ids[0] >= ids[0]).Should().BeTrue();
    }
}
