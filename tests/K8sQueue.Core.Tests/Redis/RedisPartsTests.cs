using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Redis.Producers;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>The parts that need no server.</summary>
public sealed class RedisPartsTests
{
    [Fact]
    public void Replies_are_read_however_they_are_cut()
    {
        var bytes = Encoding.UTF8.GetBytes("*4\r\n$5\r\nhe\r\no\r\n:-42\r\n*2\r\n$-1\r\n+OK\r\n$0\r\n\r\n-ERR no\r\n");
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            var parser = new RespParser();
            var values = new List<RespValue>();
            foreach (var part in bytes.Chunk(cut))
            {
                part.CopyTo(parser.Space());
                parser.Added(part.Length);
                while (parser.TryRead(out var value))
                    values.Add(value);
            }

            values.Should().HaveCount(2);
            var items = values[0].Items!;
            items[0].Text.Should().Be("he\r\no");
            items[1].Integer.Should().Be(-42);
            items[2].Items![0].IsNull.Should().BeTrue();
            items[2].Items![1].Text.Should().Be("OK");
            items[3].Bytes.Should().BeEmpty();
            values[1].Error.Should().Be("ERR no");
        }
    }

    [Fact]
    public void Whole_replies_are_found_and_read_in_place_however_they_are_cut()
    {
        var bytes = Encoding.UTF8.GetBytes("+OK\r\n*4\r\n$5\r\nhe\r\no\r\n:-42\r\n*3\r\n$-1\r\n*0\r\n$0\r\n\r\n-ERR no\r\n:7\r\n");
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            var parser = new RespParser();
            for (var round = 0; round < 2; round++)
            {
                parser.Expect(2);
                foreach (var part in bytes[..^4].Chunk(cut))
                {
                    parser.IsWhole().Should().BeFalse();
                    part.CopyTo(parser.Space());
                    parser.Added(part.Length);
                }

                bytes[^4..].CopyTo(parser.Space());
                parser.Added(4);
                parser.IsWhole().Should().BeTrue();
                parser.Take(static replies =>
                {
                    replies.Skip();
                    var items = replies.ReadArray();
                    var text = Encoding.UTF8.GetString(replies.ReadBulk());
                    var number = replies.ReadInteger();
                    replies.Skip();
                    return replies.TryReadError(out var error) ? $"{items} {text} {number} {error}" : "";
                }).Should().Be("4 he\r\no -42 ERR no");
                parser.TryRead(out var rest).Should().BeTrue("what stands behind them is still there");
                rest.Integer.Should().Be(7);
            }
        }
    }

    [Theory]
    [InlineData("+OK\r\n$1\r\n1\r\n", "added, new")]
    [InlineData("+OK\r\n$1\r\n0\r\n", "added")]
    [InlineData("+OK\r\n$-1\r\n", "refused")]
    [InlineData("+OK\r\n$11\r\nK8SQVERSION\r\n", "K8SQVERSION")]
    [InlineData("+OK\r\n-READONLY\r\n", "READONLY")]
    public void What_became_of_a_bulk_is_read(string replies, string expected)
    {
        var id = JobId.Create("q", tracked: false, DateTimeOffset.UnixEpoch);

        var reply = ReadBulk($"{replies}$26\r\n{id.Ulid}\r\n", id);

        (reply is not { } known ? "refused" : known.Error ?? (known.Added!.IsFresh ? "added, new" : "added")).Should().Be(expected);
    }

    [Fact]
    public void Replies_to_another_bulk_are_nobodys()
    {
        var ids = Enumerable.Range(0, 2).Select(_ => JobId.Create("q", tracked: false, DateTimeOffset.UnixEpoch)).ToList();

        FluentActions.Invoking(() => ReadBulk("-NOPERM\r\n+OK\r\n+QUEUED\r\n", ids[0])).Should().Throw<InvalidDataException>().WithMessage("NOPERM");
        FluentActions.Invoking(() => ReadBulk($"+OK\r\n$1\r\n0\r\n$26\r\n{ids[1].Ulid}\r\n", ids[0])).Should().Throw<InvalidDataException>();
    }

    private static AddReply? ReadBulk(string replies, JobId last) => BulkCommand.Read(
        new RespReader(Encoding.ASCII.GetBytes(replies + "*2\r\n$1\r\n7\r\n$1\r\n0\r\n")), last, new ServerClock(TimeProvider.System));

    [Fact]
    public void A_buffer_grows_with_what_is_written()
    {
        using var buffer = new RespBuffer(1);
        buffer.Command("SET", "ключ", new string('x', 5000));
        buffer.Command(1);
        buffer.Part("PING"u8);

        Encoding.UTF8.GetString(buffer.Written.Span).Should().Be(
            $"*3\r\n$3\r\nSET\r\n$8\r\nключ\r\n$5000\r\n{new string('x', 5000)}\r\n*1\r\n$4\r\nPING\r\n");
    }

    [Theory]
    [InlineData("?\r\n")]
    [InlineData("\r\n")]
    [InlineData(":x\r\n")]
    [InlineData("*999999999999\r\n")]
    public void What_is_no_reply_is_refused(string text)
    {
        var parser = new RespParser();
        Encoding.ASCII.GetBytes(text).CopyTo(parser.Space());
        parser.Added(text.Length);
        var read = () => parser.TryRead(out _);
        read.Should().Throw<InvalidDataException>();
    }

    [Theory]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'", typeof(JobQueueFullException))]
    [InlineData("ERR Error running script: @user_script: -OOM command not allowed", typeof(JobQueueFullException))]
    [InlineData("LOADING Redis is loading the dataset in memory", typeof(JobQueueUnavailableException))]
    [InlineData("READONLY You can't write against a read only replica.", typeof(JobQueueUnavailableException))]
    [InlineData("MISCONF Redis is configured to save RDB snapshots", typeof(JobQueueUnavailableException))]
    [InlineData("BUSY Redis is busy running a script", typeof(JobQueueUnavailableException))]
    [InlineData("NOAUTH Authentication required.", typeof(JobQueueConfigurationException))]
    [InlineData("NOPERM this user has no permissions", typeof(JobQueueConfigurationException))]
    [InlineData("K8SQVERSION the queue has layout 2.0, this program has 1.0", typeof(JobQueueConfigurationException))]
    [InlineData("MOVED 3999 10.0.0.1:6379", typeof(JobQueueUnavailableException))]
    [InlineData("WRONGTYPE Operation against a key", typeof(InvalidOperationException))]
    public void A_servers_error_becomes_the_ports_exception(string error, Type expected)
    {
        var exception = RedisErrors.FromServer(error, "redis:6379");
        exception.Should().BeOfType(expected);
        exception.Message.Should().Contain("redis:6379");
    }

    [Theory]
    [InlineData("redis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\nrole:master\r\n", null)]
    [InlineData("redis_version:6.2.1\r\nmaxmemory_policy:noeviction\r\n", "*6.2.1*7.0*")]
    [InlineData("redis_version:7.2.4\r\nmaxmemory:0\r\nmaxmemory_policy:volatile-lru\r\n", "*volatile-lru*maxmemory-policy noeviction*")]
    [InlineData("redis_version:7.2.4\r\n", "*unknown*maxmemory-policy noeviction*")]
    [InlineData("redis_version:7.2.4\r\nmaxmemory_policy:noeviction\r\ncluster_enabled:0\r\n", null)]
    [InlineData("redis_version:7.2.4\r\nmaxmemory_policy:noeviction\r\ncluster_enabled:1\r\n", "*Redis Cluster*use a server alone*cluster-enabled no*")]
    public void A_server_is_judged_by_what_INFO_says(string info, string? message)
    {
        var check = () => RedisHealth.Check(RedisHealth.Parse(info), "redis:6379");
        if (message is null)
            check.Should().NotThrow();
        else
            check.Should().Throw<JobQueueConfigurationException>().WithMessage(message);
    }

    [Fact]
    public void A_large_enqueue_is_split_by_queue_count_and_bytes()
    {
        var small = Enumerable.Range(0, 2500).Select(i => new JobRequest { Queue = i % 2 == 0 ? "a" : "b", Type = "t" });
        var parts = RedisEnqueuer.Parts([.. small]);
        parts.Select(p => p.Count).Should().BeEquivalentTo([1000, 250, 1000, 250]);
        parts.SelectMany(p => p).Order().Should().Equal(Enumerable.Range(0, 2500));

        var payload = new byte[JobLimits.MaxPayloadBytes];
        var large = Enumerable.Repeat(new JobRequest { Queue = "a", Type = "t", Payload = payload }, 20).ToList();
        RedisEnqueuer.Parts(large).Select(p => p.Count).Should().Equal(8, 8, 4);
    }

    [Fact]
    public void Delays_round_up_to_milliseconds()
    {
        EntryHeader.Milliseconds(TimeSpan.Zero).Should().Be(0);
        EntryHeader.Milliseconds(TimeSpan.FromTicks(1)).Should().Be(1);
        EntryHeader.Milliseconds(TimeSpan.FromMilliseconds(5)).Should().Be(5);
    }
}
