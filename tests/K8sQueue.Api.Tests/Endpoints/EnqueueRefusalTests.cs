using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class EnqueueRefusalTests
{
    private const string Path = "/v1/queues/emails/jobs";

    [Theory]
    [InlineData("""{"type":"t","retries":3}""", "retries")]
    [InlineData("""{"type":"t","Payload":3}""", "Payload")]
    [InlineData("""{"type":"t","queue":"other"}""", "queue")]
    [InlineData("""{"type":"t","backoff":{"factor":2}}""", "backoff.factor")]
    [InlineData("""{"type":"t","type":"u"}""", "type")]
    [InlineData("""{"type":"t","backoff":{"jitter":0,"jitter":1}}""", "backoff.jitter")]
    [InlineData("{}", "type")]
    [InlineData("""{"type":null}""", "type")]
    [InlineData("""{"type":""}""", "type")]
    [InlineData("""{"type":" "}""", "type")]
    [InlineData("""{"type":"a\u0000b"}""", "type")]
    [InlineData("""{"type":7}""", "type")]
    [InlineData("""{"type":{}}""", "type")]
    [InlineData("""{"type":["t"]}""", "type")]
    [InlineData("""{"type":"t","delaySeconds":"5"}""", "delaySeconds")]
    [InlineData("""{"type":"t","delaySeconds":-1}""", "delaySeconds")]
    [InlineData("""{"type":"t","delaySeconds":1e400}""", "delaySeconds")]
    [InlineData("""{"type":"t","delaySeconds":31536001}""", "delaySeconds")]
    [InlineData("""{"type":"t","priority":"urgent"}""", "priority")]
    [InlineData("""{"type":"t","priority":"returned"}""", "priority")]
    [InlineData("""{"type":"t","priority":1}""", "priority")]
    [InlineData("""{"type":"t","maxAttempts":0}""", "maxAttempts")]
    [InlineData("""{"type":"t","maxAttempts":1001}""", "maxAttempts")]
    [InlineData("""{"type":"t","maxAttempts":1.5}""", "maxAttempts")]
    [InlineData("""{"type":"t","maxAttempts":99999999999999999999}""", "maxAttempts")]
    [InlineData("""{"type":"t","maxAttempts":true}""", "maxAttempts")]
    [InlineData("""{"type":"t","backoff":"fixed"}""", "backoff")]
    [InlineData("""{"type":"t","backoff":[]}""", "backoff")]
    [InlineData("""{"type":"t","backoff":{"type":"linear"}}""", "backoff.type")]
    [InlineData("""{"type":"t","backoff":{"delaySeconds":{}}}""", "backoff.delaySeconds")]
    [InlineData("""{"type":"t","backoff":{"jitter":1.01}}""", "backoff.jitter")]
    [InlineData("""{"type":"t","backoff":{"delaySeconds":10,"maxDelaySeconds":9}}""", "backoff.maxDelaySeconds")]
    [InlineData("""{"type":"t","timeoutSeconds":0}""", "timeoutSeconds")]
    [InlineData("""{"type":"t","timeoutSeconds":false}""", "timeoutSeconds")]
    [InlineData("""{"type":"t","tracked":"yes"}""", "tracked")]
    [InlineData("""{"type":"t","tracked":1}""", "tracked")]
    [InlineData("""{"type":"t","deduplication":"k"}""", "deduplication")]
    [InlineData("""{"type":"t","deduplication":{"key":"k"}}""", "deduplication")]
    [InlineData("""{"type":"t","deduplication":{"key":"k","untilDone":false}}""", "deduplication")]
    [InlineData("""{"type":"t","deduplication":{"untilDone":true}}""", "deduplication.key")]
    [InlineData("""{"type":"t","deduplication":{"key":" ","untilDone":true}}""", "deduplication.key")]
    [InlineData("""{"type":"t","deduplication":{"key":"k","windowSeconds":0}}""", "deduplication.windowSeconds")]
    [InlineData("""{"type":"t","deduplication":{"key":"k","ttl":1}}""", "deduplication.ttl")]
    [InlineData("""{"type":"t","concurrency":3}""", "concurrency")]
    [InlineData("""{"type":"t","concurrency":{"limit":1}}""", "concurrency.key")]
    [InlineData("""{"type":"t","concurrency":{"key":"a\u0007","limit":1}}""", "concurrency.key")]
    [InlineData("""{"type":"t","concurrency":{"key":"a","limit":0}}""", "concurrency.limit")]
    [InlineData("""{"type":"t","tags":"vip"}""", "tags")]
    [InlineData("""{"type":"t","tags":["vip",7]}""", "tags")]
    [InlineData("""{"type":"t","tags":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]}""", "tags")]
    [InlineData("""{"type":"t","tags":[null]}""", "tags")]
    [InlineData("""{"type":"t","retentionSeconds":-1}""", "retentionSeconds")]
    [InlineData("""{"type":"t","backoff":{"type":"custom"}}""", "backoff.delaysSeconds")]
    [InlineData("""{"type":"t","backoff":{"delaysSeconds":[1]}}""", "backoff.delaysSeconds")]
    [InlineData("""{"type":"t","backoff":{"type":"custom","delaysSeconds":[1,"2"]}}""", "backoff.delaysSeconds")]
    [InlineData("""{"type":"t","backoff":{"type":"custom","delaysSeconds":[]}}""", "backoff.delaysSeconds")]
    [InlineData("""[{"type":"t"}]""", null)]
    [InlineData("\"t\"", null)]
    [InlineData("null", null)]
    public async Task An_invalid_job_is_refused_by_the_name_of_its_field(string body, string? field)
    {
        await using var api = new TestApi();
        var response = await api.PostAsync(Path, body);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await response.ShouldBeProblemAsync("invalid-job");
        (problem.TryGetProperty("field", out var named) ? named.GetString() : null).Should().Be(field);
        problem.GetProperty("detail").GetString().Should().NotBeNullOrEmpty();
        api.Queue.Enqueues.Should().Be(0);
    }

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("{\"type\":\"t\",\n \"payload\": {\"a\" 1}}", 2, 18)]
    [InlineData("""{"type":"t"} x""", 1, 14)]
    [InlineData("""{"type":"t",}""", 1, 13)]
    [InlineData("""{"type":"t" """, 1, 13)]
    public async Task Malformed_json_is_refused_with_its_position(string body, int line, int position)
    {
        await using var api = new TestApi();
        var response = await api.PostAsync(Path, body);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await response.ShouldBeProblemAsync("malformed-json");
        problem.GetProperty("line").GetInt32().Should().Be(line);
        problem.GetProperty("position").GetInt32().Should().Be(position);
    }

    [Theory]
    [InlineData(64, HttpStatusCode.Accepted)]
    [InlineData(65, HttpStatusCode.BadRequest)]
    public async Task A_payload_may_be_64_levels_deep(int depth, HttpStatusCode status)
    {
        await using var api = new TestApi();
        var nested = new string('[', depth) + new string(']', depth);
        var response = await api.PostAsync(Path, $$"""{"type":"t","payload":{{nested}}}""");
        response.StatusCode.Should().Be(status);
        if (status == HttpStatusCode.BadRequest)
            await response.ShouldBeProblemAsync("json-too-deep");
    }

    [Theory]
    [InlineData(JobLimits.MaxPayloadBytes, HttpStatusCode.Accepted)]
    [InlineData(JobLimits.MaxPayloadBytes + 1, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(8 * JobLimits.MaxPayloadBytes, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_payload_may_have_one_mebibyte(int bytes, HttpStatusCode status)
    {
        await using var api = new TestApi();
        var payload = '"' + new string('x', bytes - 2) + '"';
        var response = await api.PostAsync(Path, $$"""{"type":"t","payload":{{payload}}}""");
        response.StatusCode.Should().Be(status);
        if (status == HttpStatusCode.RequestEntityTooLarge)
            await response.ShouldBeProblemAsync("too-large");
    }

    [Theory]
    [InlineData("text/plain", null)]
    [InlineData("", null)]
    [InlineData("application/x-www-form-urlencoded", null)]
    [InlineData("application/json; charset=utf-16", null)]
    [InlineData("application/json", "gzip")]
    public async Task Other_bodies_than_plain_UTF_8_JSON_are_not_supported(string contentType, string? encoding)
    {
        await using var api = new TestApi();
        var content = new ByteArrayContent("""{"type":"t"}"""u8.ToArray());
        if (contentType.Length > 0)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        var response = await api.Client().PostAsync(Path, content);
        response.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
        await response.ShouldBeProblemAsync("unsupported-media-type");
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json;charset=\"UTF-8\"")]
    [InlineData("Application/JSON")]
    public async Task UTF_8_JSON_may_be_named_in_several_ways(string contentType)
    {
        await using var api = new TestApi();
        (await api.PostAsync(Path, """{"type":"t"}""", contentType)).StatusCode.Should().Be(HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData("Emails")]
    [InlineData("-emails")]
    [InlineData("e%20mails")]
    [InlineData("e%7Bmails%7D")]
    [InlineData("e%2Fmails")]
    public async Task A_bad_queue_name_is_refused_with_the_rule(string queue)
    {
        await using var api = new TestApi();
        var response = await api.PostAsync($"/v1/queues/{queue}/jobs", """{"type":"t"}""");
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await response.ShouldBeProblemAsync("invalid-queue-name");
        problem.GetProperty("detail").GetString().Should().Contain(QueueName.Rule);
    }

    [Theory]
    [InlineData(128, HttpStatusCode.Accepted)]
    [InlineData(129, HttpStatusCode.BadRequest)]
    public async Task A_type_may_have_128_characters(int length, HttpStatusCode status)
    {
        await using var api = new TestApi();
        var type = new string('t', length);
        var response = await api.PostAsync(Path, string.Create(CultureInfo.InvariantCulture, $$"""{"type":"{{type}}"}"""));
        response.StatusCode.Should().Be(status);
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF_8_are_malformed()
    {
        await using var api = new TestApi();
        byte[] body = [.. "{\"type\":\"t\",\"payload\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var response = await api.Client().PostAsync(Path, content);
        await response.ShouldBeProblemAsync("malformed-json");
        Encoding.UTF8.GetString(body).Should().Contain("\uFFFD");
    }
}
