using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Tests.Jobs;

public sealed class JobIdTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_id_says_its_queue_and_whether_it_is_tracked(bool tracked)
    {
        for (var i = 0; i < 200; i++)
        {
            var id = JobId.Create("a.b-c", tracked, TimeProvider.System);

            JobId.TryParse(id.Value, out var read).Should().BeTrue();
            read.Should().Be(id);
            read.Queue.Should().Be("a.b-c");
            read.IsTracked.Should().Be(tracked);
            read.Value.Should().Be($"a.b-c.{read.Ulid}");
        }
    }

    [Fact]
    public void Ids_sort_by_the_time_they_were_made()
    {
        var time = new FixedTime();
        var ids = Enumerable.Range(0, 50).Select(i =>
        {
            time.Now = DateTimeOffset.UnixEpoch.AddMilliseconds(1_700_000_000_000 + (i * 977L));
            return JobId.Create("q", false, time).Value;
        }).ToList();

        ids.Should().BeInAscendingOrder(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("01JD3V6X9QK4T2M7R8ZB5C1N0F")]
    [InlineData(".01JD3V6X9QK4T2M7R8ZB5C1N0F")]
    [InlineData("q.01JD3V6X9QK4T2M7R8ZB5C1N0")]
    [InlineData("q.01jd3v6x9qk4t2m7r8zb5c1n0f")]
    [InlineData("q.01JD3V6X9QK4T2M7R8ZB5C1N0U")]
    [InlineData("q.81JD3V6X9QK4T2M7R8ZB5C1N0F")]
    [InlineData("Q.01JD3V6X9QK4T2M7R8ZB5C1N0F")]
    public void Text_that_is_no_id_is_refused(string? text) => JobId.TryParse(text, out _).Should().BeFalse();

    private sealed class FixedTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
