using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis;

namespace K8sQueue.Core.Tests.Protocol;

/// <summary>This program does what docs/reference/protocol-vectors.json tells those in other languages. Each vector is tried both ways.</summary>
public sealed class ProtocolVectorTests
{
    public static TheoryData<int> Keys => ProtocolJson.Entries("keys");

    public static TheoryData<int> Ids => ProtocolJson.Entries("ids");

    public static TheoryData<int> InvalidIds => ProtocolJson.Entries("invalidIds");

    public static TheoryData<int> Retries => ProtocolJson.Entries("retries");

    public static TheoryData<int> InvalidRetries => ProtocolJson.Entries("invalidRetries");

    public static TheoryData<int> Traits => ProtocolJson.Entries("traits");

    public static TheoryData<int> Headers => ProtocolJson.Entries("headers");

    public static TheoryData<int> InvalidHeaders => ProtocolJson.Entries("invalidHeaders");

    public static TheoryData<int> Enqueues => ProtocolJson.Entries("enqueues");

    public static TheoryData<int> InvalidRequests => ProtocolJson.Entries("invalidRequests");

    public static TheoryData<int> Delays => ProtocolJson.Entries("delays");

    [Fact]
    public void The_vectors_are_of_this_programs_version_and_every_section_is_tried_here()
    {
        ProtocolJson.Vectors.Text("version").Should().Be(RedisServices.LayoutVersion);
        ProtocolJson.Vectors.Where(section => section.Value is JsonArray).Select(section => section.Key).Should().BeEquivalentTo(
            "keys", "ids", "invalidIds", "retries", "invalidRetries", "traits", "headers", "invalidHeaders", "enqueues", "largePayloads", "invalidRequests", "delays");
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_queue_has_these_keys_in_this_order(int number)
    {
        var vector = ProtocolJson.Entry("keys", number);
        new QueueHandle(vector.Text("queue")).KeyNames.Should().Equal(vector["keys"]!.AsArray().Select(key => (string)key!));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void An_id_has_these_parts(int number)
    {
        var vector = ProtocolJson.Entry("ids", number);
        JobId.TryParse(vector.Text("id"), out var id).Should().BeTrue();
        id.Queue.Should().Be(vector.Text("queue"));
        id.Ulid.Should().Be(vector.Text("ulid"));
        id.IsTracked.Should().Be((bool)vector["tracked"]!);

        var random = UInt128.Parse(vector.Text("randomHex"), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var letters = new char[JobId.UlidLength];
        JobId.Encode(((UInt128)(long)vector["timestampMs"]! << 80) | random, letters);
        $"{vector.Text("queue")}.{new string(letters)}".Should().Be(id.Value);
    }

    [Theory]
    [MemberData(nameof(InvalidIds))]
    public void Text_that_is_no_id_is_refused(int number) =>
        JobId.TryParse((string)ProtocolJson.Entry("invalidIds", number)!, out _).Should().BeFalse();

    [Theory]
    [MemberData(nameof(Retries))]
    public void A_retry_policy_is_this_text(int number)
    {
        var vector = ProtocolJson.Entry("retries", number);
        RetryPolicyText.TryParse(vector.Text("text"), out var retry).Should().BeTrue();
        ShouldBe(ProtocolJson.Of(retry), vector["retry"]!);
        if (!vector.IsReadOnly())
            RetryPolicyText.Format(ProtocolJson.Retry(vector["retry"])).Should().Be(vector.Text("text"));
    }

    [Theory]
    [MemberData(nameof(InvalidRetries))]
    public void Text_that_is_no_retry_policy_is_refused(int number) =>
        RetryPolicyText.TryParse((string)ProtocolJson.Entry("invalidRetries", number)!, out _).Should().BeFalse();

    [Theory]
    [MemberData(nameof(Traits))]
    public void Traits_are_this_text(int number)
    {
        var vector = ProtocolJson.Entry("traits", number);
        ShouldBe(ProtocolJson.Of(JobTraitsText.Parse(vector.Text("text"))), vector["traits"]!);
        if (!vector.IsReadOnly())
            JobTraitsText.Format(ProtocolJson.Traits(vector["traits"])).Should().Be(vector.Text("text"));
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_header_has_these_fields(int number)
    {
        var vector = ProtocolJson.Entry("headers", number);
        var (header, fields) = (vector.Text("header"), vector["fields"]!);
        var job = EntryHeader.TryParse("q", header, default);
        job.Should().NotBeNull();
        ShouldBe(ProtocolJson.Of(job!), fields);
        if (vector.IsReadOnly())
            return;

        // The scripts write the counts and the time.
        var counts = $"1;{fields.Text("ulid")};{fields["attempt"]};{fields["crashes"]};{fields["epoch"]};{fields["enqueuedAtMs"]}";
        var request = ProtocolJson.RequestOf(fields);
        request.ThrowIfInvalid();
        (counts + EntryHeader.Tail(request)).Should().Be(header);
    }

    [Theory]
    [MemberData(nameof(InvalidHeaders))]
    public void Text_that_is_no_header_is_refused(int number) =>
        EntryHeader.TryParse("q", ProtocolJson.Entry("invalidHeaders", number).Text("header"), default).Should().BeNull();

    [Theory]
    [MemberData(nameof(Enqueues))]
    public void Requests_become_these_arguments(int number)
    {
        var vector = ProtocolJson.Entry("enqueues", number);
        var (queue, jobs) = (vector.Text("queue"), vector["jobs"]!.AsArray());
        JobRequest[] requests = [.. jobs.Select(job => ProtocolJson.Request(job!["request"]!, queue))];
        JobId[] ids = [.. jobs.Select(job => JobId.Parse($"{queue}.{job!.Text("ulid")}"))];
        foreach (var (request, id) in requests.Zip(ids))
        {
            request.ThrowIfInvalid();
            request.Tracked.Should().Be(id.IsTracked, "the vector is one that a producer can have");
        }

        var arguments = RedisEnqueuer.EnqueueArguments(requests, ids, [.. Enumerable.Range(0, ids.Length)]);

        arguments.Select(argument => Encoding.UTF8.GetString((byte[])argument!)).Should()
            .Equal(vector["arguments"]!.AsArray().Select(argument => (string)argument!));
    }

    [Theory]
    [MemberData(nameof(InvalidRequests))]
    public void A_request_that_is_out_of_range_is_refused(int number)
    {
        var vector = ProtocolJson.Entry("invalidRequests", number);
        var request = ProtocolJson.Request(vector["request"]!);
        if (vector["payloadBytes"] is { } length)
            request = request with { Payload = new byte[(int)length] };
        request.Invoking(r => r.ThrowIfInvalid()).Should().Throw<ArgumentException>(vector.Text("about"));
    }

    [Theory]
    [MemberData(nameof(Delays))]
    public void A_failed_attempt_waits_for_this_long(int number)
    {
        var vector = ProtocolJson.Entry("delays", number);
        var delay = ProtocolJson.Retry(vector["retry"]).DelayAfter((int)vector["attempt"]!, (double)vector["random"]!);

        EntryHeader.Milliseconds(delay).Should().BeCloseTo((long)vector["delayMs"]!, 1);
    }

    private static void ShouldBe(JsonNode found, JsonNode expected) =>
        JsonNode.DeepEquals(found, expected).Should().BeTrue("{0} is to be {1}", found.ToJsonString(), expected.ToJsonString());
}
