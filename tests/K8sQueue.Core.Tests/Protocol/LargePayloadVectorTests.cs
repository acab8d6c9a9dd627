using System.Text;
using System.Text.Json.Nodes;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Tests.Redis;

namespace K8sQueue.Core.Tests.Protocol;

/// <summary>The vectors of large payloads, as they come to stand in Redis.</summary>
public sealed class LargePayloadVectorTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    public static TheoryData<int> Vectors => ProtocolJson.Entries("largePayloads");

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task A_large_payload_is_in_a_key_of_its_own(int number)
    {
        var vector = ProtocolJson.Entry("largePayloads", number);
        var payload = Encoding.UTF8.GetBytes(new string('x', (int)vector["payloadBytes"]!));
        string[] tags = [.. (vector["tags"]?.AsArray() ?? new JsonArray()).Select(tag => (string)tag!)];
        var id = (await Jobs.EnqueueAsync([new JobRequest { Queue = Queue, Type = "t", Payload = payload, Tags = tags }], Bound)).Ids()[0];

        var fields = Raw("XRANGE", Keys.LaneKey(Lane.Normal), "-", "+").Items!.Single().Items![1].Items!;
        fields[1].Text.Split(';')[10].Should().Be(vector.Text("traits"));
        var isApart = vector.Text("traits").Contains("s=", StringComparison.Ordinal);
        fields[3].Bytes.Should().Equal(isApart ? [] : payload);
        Raw("EXISTS", Keys.PayloadKey(id)).Integer.Should().Be(isApart ? 1 : 0);
    }
}
