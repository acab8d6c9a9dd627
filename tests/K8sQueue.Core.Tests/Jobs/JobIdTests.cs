using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Tests.Jobs;

public sealed class JobIdTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_id_says_whether_it_was_made_of_a_fingerprint(bool tracked)
    {
        var fingerprint = new UInt128(0x0123456789ABCDEF, 0xFEDCBA9876543210);
        var time = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        var id = JobId.Create("emails", tracked, time, fingerprint);

        id.IsTracked.Should().Be(tracked);
        id.Should().Be(JobId.Create("emails", tracked, time, fingerprint));
        JobId.Parse(id.Value).HasFingerprint(fingerprint).Should().BeTrue();
        id.HasFingerprint(fingerprint ^ UInt128.One).Should().BeTrue("the last bit is the id's own");
        id.HasFingerprint(fingerprint ^ (UInt128.One << 1)).Should().BeFalse();
        id.HasFingerprint(fingerprint ^ (UInt128.One << 79)).Should().BeFalse();
        id.HasFingerprint(fingerprint ^ (UInt128.One << 80)).Should().BeTrue("the time stands there");
        JobId.Create("emails", tracked, time.AddDays(3), fingerprint).HasFingerprint(fingerprint).Should().BeTrue();
        id.Ulid[..10].Should().Be(JobId.Create("emails", tracked, time).Ulid[..10], "both are of the same time");
        default(JobId).HasFingerprint(UInt128.Zero).Should().BeFalse();
    }

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
    [InlineData(0)]
    [InlineData(1_732_240_000_123)]
    [InlineData(253_402_300_799_999)]
    public void The_first_ten_letters_are_the_time_and_no_two_ids_are_the_same(long milliseconds)
    {
        var time = new FixedTime { Now = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) };
        var ids = Enumerable.Range(0, 2000).Select(_ => JobId.Create("q", false, time).Ulid).ToList();

        ids.Should().OnlyHaveUniqueItems();
        ids.Select(id => id[..10].Aggregate(0L, (sum, c) => (sum * 32) + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".IndexOf(c)))
            .Should().AllBeEquivalentTo(milliseconds);
        for (var letter = 10; letter < 25; letter++)
            ids.Select(id => id[letter]).Distinct().Should().HaveCount(32);
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
