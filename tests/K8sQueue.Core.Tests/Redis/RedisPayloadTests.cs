using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>Payloads that are not simply in their job's entry.</summary>
public sealed class RedisPayloadTests(RedisFixture fixture) : RedisTest(fixture.Server), IClassFixture<RedisFixture>
{
    private const int Large = 100_000;

    [Fact]
    public async Task A_large_payload_is_in_a_key_of_its_own_until_its_job_is_done()
    {
        var payload = Json(Large);
        var id = await EnqueueAsync(payload);
        Raw("STRLEN", Keys.PayloadKey(id)).Integer.Should().Be(Large);
        var consumer = await OpenAsync("c1");
        var lease = await FetchOneAsync(consumer);
        lease.Job.Should().BeEquivalentTo(new { IsPayloadLoaded = false, BytesToLoad = (long)Large });
        lease.Job.Payload.IsEmpty.Should().BeTrue("a fetch brings no large payload");

        await consumer.RetryAsync([new JobRetry(lease, TimeSpan.FromMilliseconds(1), "again")], Bound);
        await MaintainUntilAsync(r => r.Promoted == 1);
        await consumer.ReleaseAsync([await FetchOneAsync(consumer)], Bound);
        lease = await FetchOneAsync(consumer);

        Text((await consumer.LoadAsync(lease, Bound)).Payload).Should().Be(payload);
        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
        Raw("EXISTS", Keys.PayloadKey(id)).Integer.Should().Be(0);
    }

    [Fact]
    public async Task A_payload_at_the_limit_of_entries_is_in_its_entry()
    {
        var limit = new RedisQueueOptions().InlinePayloadBytes;
        limit.Should().Be(32 * 1024);
        var id = await EnqueueAsync(Json(limit));
        Raw("EXISTS", Keys.PayloadKey(id)).Integer.Should().Be(0);
        (await FetchOneAsync(await OpenAsync("c1"))).Job.Payload.Length.Should().Be(limit);
        var larger = await EnqueueAsync(Json(limit + 1));
        Raw("EXISTS", Keys.PayloadKey(larger)).Integer.Should().Be(1);
    }

    [Fact]
    public async Task A_dead_letter_keeps_its_large_payload_and_can_run_again()
    {
        var payload = Json(Large);
        var id = await EnqueueAsync(payload);
        var consumer = await OpenAsync("c1");
        await consumer.BuryAsync([new JobBurial(await FetchOneAsync(consumer), DeadLetterReasons.Unrecoverable, "no")], Bound);

        var letter = (await Jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Should().ContainSingle().Subject;
        Text(letter.Job.Payload).Should().Be(payload);

        (await Jobs.RedriveAsync(id, Bound)).Should().Be(RedriveOutcome.Redriven);
        var lease = await FetchOneAsync(consumer);
        Text((await consumer.LoadAsync(lease, Bound)).Payload).Should().Be(payload);
    }

    [Fact]
    public async Task A_duplicate_leaves_no_payload_behind()
    {
        var request = new JobRequest
        {
            Queue = Queue,
            Type = "t",
            Payload = Encoding.UTF8.GetBytes(Json(Large)),
            Deduplication = new JobDeduplication("k", UntilDone: true),
        };
        await Jobs.EnqueueAsync([request, request], Bound);

        Raw("KEYS", Keys.Base + "payload:*").Items.Should().ContainSingle();
    }

    [Theory]
    [InlineData(20_000, 0, true)]
    [InlineData(500_000, 0, true)]
    [InlineData(8_000, 0, false)]
    [InlineData(20_000, 20_000, false)]
    [InlineData(500_000, 500_000, false)]
    public async Task Payloads_are_compressed_where_that_makes_them_smaller(int bytes, int random, bool compressed)
    {
        var client = Client(o => o.CompressAboveBytes = 8 * 1024);
        var payload = Encoding.UTF8.GetBytes(new string('a', bytes));
        new Random(7).NextBytes(payload.AsSpan(0, random));
        await client.EnqueueAsync([new JobRequest { Queue = Queue, Type = "t", Payload = payload, Tags = ["kept"] }], Bound);

        // Whoever reads it needs no setting.
        var consumer = await OpenAsync("c1");
        var lease = await FetchOneAsync(consumer);
        lease.Job.Traits!.Stored?.OriginalBytes.Should().Be(compressed ? bytes : null);
        if (compressed)
            lease.Job.Payload.Length.Should().BeLessThan(5000).And.BePositive("it fits into the entry now");
        var job = await consumer.LoadAsync(lease, Bound);
        job.Payload.ToArray().Should().Equal(payload);
        job.Traits!.Tags.Should().Equal("kept");
        await consumer.BuryAsync([new JobBurial(lease, DeadLetterReasons.Unrecoverable, "no")], Bound);
        (await Jobs.ListDeadLettersAsync(Queue, 0, 1, Bound)).Single().Job.Payload.ToArray().Should().Equal(payload);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_payload_that_is_gone_or_damaged_says_so(bool gone)
    {
        var id = await EnqueueAsync(Json(Large));
        var consumer = await OpenAsync("c1");
        var lease = await FetchOneAsync(consumer);
        Raw(gone ? ["DEL", Keys.PayloadKey(id)] : ["APPEND", Keys.PayloadKey(id), "x"]);

        await FluentActions.Awaiting(() => consumer.LoadAsync(lease, Bound).AsTask())
            .Should().ThrowAsync<JobPayloadException>().WithMessage(gone ? "*is not in its key*" : "*100001 bytes in its key in place of 100000*");
        await consumer.BuryAsync([new JobBurial(lease, DeadLetterReasons.Corrupt, "gone")], Bound);
        (await Jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Should().ContainSingle();
    }

    [Theory]
    [InlineData("not gzip at all", 15)]
    [InlineData("", 15)]
    public void A_damaged_compressed_payload_says_so(string bytes, int original)
    {
        var stored = new StoredPayload(null, original);
        FluentActions.Invoking(() => PayloadStore.Unpack(Encoding.UTF8.GetBytes(bytes), stored)).Should().Throw<JobPayloadException>();
    }

    [Fact]
    public async Task A_payload_that_would_expand_to_more_than_it_says_is_refused()
    {
        var client = Client(o => o.CompressAboveBytes = 1);
        await client.EnqueueAsync([new JobRequest { Queue = Queue, Type = "t", Payload = new byte[10_000] }], Bound);
        var lease = await FetchOneAsync(await OpenAsync("c1"));

        FluentActions.Invoking(() => PayloadStore.Unpack(lease.Job.Payload, new StoredPayload(null, 9_999))).Should().Throw<JobPayloadException>();
    }

    [Fact]
    public async Task The_limit_of_payloads_is_a_setting()
    {
        var small = Client(o => o.MaxPayloadBytes = 2000);
        var large = Client(o => o.MaxPayloadBytes = 4 * 1024 * 1024);
        var request = new JobRequest { Queue = Queue, Type = "t", Payload = new byte[3 * 1024 * 1024] };

        await FluentActions.Awaiting(() => small.EnqueueAsync([request], Bound).AsTask())
            .Should().ThrowAsync<ArgumentException>().WithMessage("*3145728 bytes; the limit is 2000.*");
        await large.EnqueueAsync([request], Bound);
        var consumer = await OpenAsync("c1");
        (await consumer.LoadAsync(await FetchOneAsync(consumer), Bound)).Payload.Length.Should().Be(request.Payload.Length);
    }

    private static string Json(int bytes) => $"\"{new string('x', bytes - 2)}\"";

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
