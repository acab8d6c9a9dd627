using System.Net;
using System.Text;
using System.Text.Json;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Tests.Fuzz;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Hosting;

/// <summary>
/// The OpenAPI document is the one of docs/reference/openapi.json (<c>make openapi</c> writes it: the variable <see cref="FileVariable"/> says where), and its examples are true.
/// </summary>
public sealed class OpenApiFileTests
{
    private const string FileVariable = "K8SQUEUE_OPENAPI";

    [Fact]
    public async Task The_document_that_is_served_is_the_one_of_the_repository()
    {
        var served = await ServedAsync();
        if (Environment.GetEnvironmentVariable(FileVariable) is { Length: > 0 } file)
            await File.WriteAllTextAsync(file, served);
        var kept = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "docs", "reference", "openapi.json"));
        served.Should().Be(kept, "`make openapi` writes it anew");
    }

    [Fact]
    public async Task It_is_the_same_with_whatever_settings()
    {
        var plain = await ServedAsync();
        (await ServedAsync((ApiOptions.KeysVariable, null), (ApiOptions.AnonymousVariable, "true"), ("K8SQUEUE_CLUSTER", "off"))).Should().Be(plain);
        (await ServedAsync(("K8SQUEUE_OIDC_ISSUER", "https://login.example.com"), ("K8SQUEUE_OIDC_AUDIENCE", "k8squeue"))).Should().Be(plain);
    }

    [Fact]
    public async Task Who_has_the_document_is_told_so_by_its_tag()
    {
        await using var api = new TestApi();
        using var client = api.Client();
        var tag = (await client.GetAsync("/openapi/v1.json")).Headers.ETag!;
        client.DefaultRequestHeaders.IfNoneMatch.Add(tag);
        var again = await client.GetAsync("/openapi/v1.json");
        (again.StatusCode, await again.Content.ReadAsStringAsync(), again.Headers.ETag).Should().Be((HttpStatusCode.NotModified, "", tag));
        (await client.GetAsync("/openapi/v2.json")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_examples_of_requests_are_taken_by_the_API()
    {
        await using var api = new TestApi(("K8SQUEUE_ROUTES", """{"email.send": "emails"}"""));
        var document = JsonDocument.Parse(await ServedAsync()).RootElement;
        var sent = 0;
        foreach (var (name, path, method, operation) in Operations(document))
        {
            if (!operation.TryGetProperty("requestBody", out var body))
                continue;
            foreach (var content in body.GetProperty("content").EnumerateObject())
            {
                var example = content.Value.GetProperty("example");
                var text = example.ValueKind == JsonValueKind.String ? example.GetString()! : example.GetRawText();
                using var request = new HttpRequestMessage(new HttpMethod(method), await AddressAsync(api, name, path));
                request.Content = new StringContent(text, Encoding.UTF8, content.Name);
                request.Content.Headers.ContentType!.CharSet = null;
                using var response = await api.Client().SendAsync(request);
                ((int)response.StatusCode).Should().BeInRange(200, 299, $"{name} {content.Name}: {await response.Content.ReadAsStringAsync()}");
                if (response.Content.Headers.ContentLength > 0 && name == "EnqueueJobs")
                    (await response.JsonAsync()).GetProperty("rejected").GetInt32().Should().Be(0);
                sent++;
            }
        }

        sent.Should().BeGreaterThanOrEqualTo(9);
    }

    [Fact]
    public async Task The_examples_of_answers_have_the_members_of_their_schemas()
    {
        var document = JsonDocument.Parse(await ServedAsync()).RootElement;
        var (checkedExamples, problems) = (0, 0);
        foreach (var (name, _, _, operation) in Operations(document))
        {
            foreach (var answer in operation.GetProperty("responses").EnumerateObject())
            {
                if (!answer.Value.TryGetProperty("content", out var contents))
                    continue;
                foreach (var content in contents.EnumerateObject().Where(content => content.Value.TryGetProperty("example", out _)))
                {
                    var example = content.Value.GetProperty("example");
                    Check(document, content.Value.GetProperty("schema"), example, $"{name} {answer.Name}");
                    checkedExamples++;
                    if (content.Name != Problem.ContentType)
                        continue;
                    problems++;
                    example.GetProperty("status").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture).Should().Be(answer.Name, name);
                    ProblemTypes.All.Select(type => type.Uri).Should().Contain(example.GetProperty("type").GetString());
                }
            }
        }

        (checkedExamples - problems).Should().BeGreaterThan(25);
        problems.Should().BeGreaterThan(100);
    }

    [Theory]
    [InlineData("DeleteQueue", "409", "queue-not-empty")]
    [InlineData("DeleteJob", "409", "job-not-ended")]
    [InlineData("EnqueueBatch", "400", "invalid-batch")]
    [InlineData("EnqueueFlow", "400", "invalid-batch")]
    [InlineData("ListPools", "404", "no-cluster")]
    [InlineData("ListBudgets", "404", "no-cluster")]
    [InlineData("GetPool", "404", "pool-not-found")]
    public async Task The_examples_of_problems_are_what_the_operation_answers(string operation, string status, string problem)
    {
        var document = JsonDocument.Parse(await ServedAsync()).RootElement;
        var answers = Operations(document).Single(found => found.Name == operation).Operation.GetProperty("responses");
        answers.GetProperty(status).GetProperty("content").GetProperty(Problem.ContentType).GetProperty("example").GetProperty("type").GetString()
            .Should().Be(ProblemType.Prefix + problem);
    }

    [Fact]
    public async Task Every_refusal_that_passes_says_when_to_try_again_and_what_is_made_has_an_address()
    {
        var document = JsonDocument.Parse(await ServedAsync()).RootElement;
        document.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Select(scheme => scheme.Name).Should().Equal("apiKey", "bearerKey", "bearerToken");
        document.GetProperty("security").GetArrayLength().Should().Be(3);
        foreach (var (name, _, _, operation) in Operations(document))
        {
            foreach (var answer in operation.GetProperty("responses").EnumerateObject().Where(answer => answer.Name is "429" or "503" or "507"))
                answer.Value.GetProperty("headers").TryGetProperty("Retry-After", out _).Should().BeTrue($"{name} {answer.Name}");
        }

        var enqueue = document.GetProperty("paths").GetProperty("/v1/queues/{queue}/jobs").GetProperty("post").GetProperty("responses").GetProperty("202").GetProperty("headers");
        enqueue.EnumerateObject().Select(header => header.Name).Should().BeEquivalentTo("Location", "Idempotency-Replayed");
    }

    private static async Task<string> ServedAsync(params (string Name, string? Value)[] settings)
    {
        await using var api = new TestApi(settings);
        using var response = await api.Client().GetAsync("/openapi/v1.json");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return (await response.Content.ReadAsStringAsync()).ReplaceLineEndings("\n").TrimEnd() + "\n";
    }

    private static IEnumerable<(string Name, string Path, string Method, JsonElement Operation)> Operations(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select (operation.Value.GetProperty("operationId").GetString()!, path.Name, operation.Name.ToUpperInvariant(), operation.Value);

    private static async Task<string> AddressAsync(TestApi api, string name, string path)
    {
        var id = name == "RedriveDeadLetter" ? await BuryAsync(api) : "";
        return path.Replace("{queue}", "emails", StringComparison.Ordinal).Replace("{name}", "nightly", StringComparison.Ordinal).Replace("{id}", id, StringComparison.Ordinal);
    }

    private static async Task<string> BuryAsync(TestApi api)
    {
        await api.Queue.EnqueueAsync([new Core.Jobs.JobRequest { Queue = "emails", Type = "t", Lane = Core.Jobs.Lane.High }], CancellationToken.None);
        await using var consumer = await api.Queue.OpenConsumerAsync(new Core.Queues.JobConsumerOptions { Queues = ["emails"], Name = "w" }, CancellationToken.None);
        var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Single();
        await consumer.BuryAsync([new Core.Queues.JobBurial(lease, Core.Jobs.DeadLetterReasons.Unrecoverable, "boom")], CancellationToken.None);
        return lease.Job.Id.Value;
    }

    // No member that the schema has not, and all that it requires.
    private static void Check(JsonElement document, JsonElement schema, JsonElement example, string where)
    {
        schema = JsonReferences.Follow(document, schema);
        if (schema.TryGetProperty("oneOf", out var either))
            schema = JsonReferences.Follow(document, either.EnumerateArray().Last());
        if (example.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            foreach (var item in example.EnumerateArray())
                Check(document, items, item, where);
        }

        if (example.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties))
            return;
        foreach (var member in example.EnumerateObject())
        {
            properties.TryGetProperty(member.Name, out var property).Should().BeTrue($"{where}: {member.Name}");
            Check(document, property, member.Value, $"{where}.{member.Name}");
        }

        if (schema.TryGetProperty("required", out var required))
        {
            required.EnumerateArray().Select(name => name.GetString()!)
                .Where(name => !example.TryGetProperty(name, out _) && !IsNullable(document, properties, name)).Should().BeEmpty(where);
        }
    }

    // Null is left out of answers.
    private static bool IsNullable(JsonElement document, JsonElement properties, string name)
    {
        var schema = properties.GetProperty(name);
        return schema.TryGetProperty("oneOf", out _) || !JsonReferences.Follow(document, schema).TryGetProperty("type", out var type)
            || type.ValueKind == JsonValueKind.Array && type.EnumerateArray().Any(kind => kind.GetString() == "null");
    }
}
