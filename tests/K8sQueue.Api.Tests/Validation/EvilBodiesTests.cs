using System.Net.Http.Headers;
using System.Text;

namespace K8sQueue.Api.Tests.Validation;

public sealed class EvilBodiesTests
{
    private static readonly string[] Fields =
        ["type", "payload", "delaySeconds", "priority", "maxAttempts", "backoff", "timeoutSeconds", "tracked", "x", "\\u0000", "\\ud800"];

    private static readonly string[] Values =
    [
        "null", "true", "\"\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\x\"", "\"unclosed", "0", "-0", "-1", "1e308", "1e309",
        "-1e400", "1e-400", "0.1e+99999999999", "9223372036854775808", new string('9', 5000), "01", "1.", ".5", "NaN", "Infinity", "[]", "{}",
        "[[]]", "{\"type\":{}}", "{\"type\":1e999}", "{\"jitter\":-1}", "{\"jitter\":\"\\ud800\"}", "{\"\\ud800\":1}", "{\"delaySeconds\":1e19}",
        "{\"maxDelaySeconds\":null,\"delaySeconds\":31536000}", "\uFEFF", "/* c */ 1", "1 // c", "\"\uFFFF\"",
    ];

    [Fact]
    public async Task No_value_of_any_field_is_an_error_of_the_server()
    {
        await using var api = new TestApi();
        foreach (var field in Fields)
        {
            foreach (var value in Values)
            {
                await ShouldBeRefusedOrAcceptedAsync(api, Encoding.UTF8.GetBytes($$"""{"type":"t","{{field}}":{{value}}}"""));
                await ShouldBeRefusedOrAcceptedAsync(api, Encoding.UTF8.GetBytes($$"""{"{{field}}":{{value}}}"""));
            }
        }
    }

    [Fact]
    public async Task No_shape_of_the_body_is_an_error_of_the_server()
    {
        await using var api = new TestApi();
        const int Deep = 10_000;
        string[] bodies =
        [
            "", " ", "\0", "\uFEFF{\"type\":\"t\"}", "{", "}", "[", "]", "{}{}", "nul", "\"", "\"\\", ",", ":",
            new string('[', Deep), new string('[', Deep) + new string(']', Deep), string.Concat(Enumerable.Repeat("{\"a\":", Deep)),
            $$"""{"type":"t","payload":{{new string('[', Deep)}}{{new string(']', Deep)}}}""",
            $$"""{"type":"t","payload":{{string.Concat(Enumerable.Repeat("{\"a\":", Deep))}}1{{new string('}', Deep)}}}""",
            $$"""{"type":"t","x":{{new string('[', Deep)}}{{new string(']', Deep)}}}""",
            $$"""{"type":"t","backoff":{{new string('[', Deep)}}""",
            $$"""{"type":"{{new string('t', 900_000)}}"}""",
            $$"""{"{{new string('n', 900_000)}}":1}""",
            "{" + string.Join(',', Enumerable.Range(0, 50_000).Select(i => $"\"f{i}\":{i}")) + "}",
            "{" + string.Join(',', Enumerable.Repeat("\"type\":\"t\"", 50_000)) + "}",
            "[" + string.Join(',', Enumerable.Repeat("[", 5000)),
            "{\"type\":\"t\"}\n{\"type\":\"t\"}", "{\"type\":\"t\"},", "[{\"type\":\"t\"},]", "[,]", "[{},{}", "[\"]\",\"[\",\"\\\"\"]", "[}]", "[{]}",
        ];
        foreach (var body in bodies)
            await ShouldBeRefusedOrAcceptedAsync(api, Encoding.UTF8.GetBytes(body));
    }

    [Fact]
    public async Task Random_bytes_are_no_error_of_the_server()
    {
        await using var api = new TestApi();
        var random = new Random(20260101);
        var valid = Encoding.UTF8.GetBytes("""{"type":"t","payload":{"a":["\u00e9",1.5e3,null]},"backoff":{"type":"fixed","jitter":0.5},"delaySeconds":1}""");
        for (var i = 0; i < 500; i++)
        {
            var body = valid.ToArray();
            for (var flips = random.Next(1, 5); flips > 0; flips--)
                body[random.Next(body.Length)] = (byte)random.Next(256);
            await ShouldBeRefusedOrAcceptedAsync(api, body[..random.Next(body.Length / 2, body.Length + 1)]);
        }
    }

    private static async Task ShouldBeRefusedOrAcceptedAsync(TestApi api, byte[] body)
    {
        foreach (var (path, type) in new[]
        {
            ("/v1/queues/q/jobs", "application/json"),
            ("/v1/queues/q/jobs/bulk", "application/json"),
            ("/v1/queues/q/jobs/bulk", "application/x-ndjson"),
        })
        {
            var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue(type);
            using var response = await api.Client().PostAsync(path, content);
            var shown = $"{path} {type} {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 200)))}";
            ((int)response.StatusCode).Should().BeLessThan(500, shown);
            var answer = await response.JsonAsync();
            answer.TryGetProperty("results", out var results);
            if (results.ValueKind == System.Text.Json.JsonValueKind.Array)
                results.EnumerateArray().Should().NotContain(r => r.GetProperty("status").GetInt32() >= 500, shown);
        }
    }
}
