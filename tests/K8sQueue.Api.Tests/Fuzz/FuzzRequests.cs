using System.Globalization;
using System.Text;
using System.Text.Json;

namespace K8sQueue.Api.Tests.Fuzz;

/// <summary>Makes requests for an operation: most of them wrong in one or two places, so that they get past the first check.</summary>
internal sealed class FuzzRequests(JsonElement document, Random random)
{
    private const double Tame = 0.6;

    private readonly FuzzWriter _writer = new(document, random);

    /// <summary>The next one, and what it is in words.</summary>
    public (HttpRequestMessage Request, string Shown) Next(ApiOperation operation)
    {
        var path = operation.Path;
        var query = new List<string>();
        var headers = new List<(string Name, string Value)>();
        foreach (var (where, name) in operation.Parameters)
        {
            switch (where)
            {
                case "path":
                    path = path.Replace("{" + name + "}", Uri.EscapeDataString(random.NextDouble() < Tame ? Plain(name) : Evil()), StringComparison.Ordinal);
                    break;
                case "query" when random.Next(2) == 0:
                    query.Add($"{name}={Uri.EscapeDataString(Evil())}");
                    break;
                case "header":
                    headers.Add((name, Evil()));
                    break;
            }
        }

        if (random.Next(20) == 0)
            query.Add($"{Uri.EscapeDataString(Evil())}={Uri.EscapeDataString(Evil())}");
        if (random.Next(20) == 0)
            query.Add(string.Concat(query));
        var address = path + (query.Count > 0 ? "?" + string.Join('&', query) : "");
        var request = new HttpRequestMessage(new HttpMethod(operation.Method), new Uri(address, UriKind.Relative));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value.All(c => c is >= ' ' and <= '~') ? value : "evil");
        var body = Body(operation, request);
        return (request, $"{operation.Method} {Short(address)} {request.Content?.Headers.ContentType} {Short(body)}");
    }

    private string Body(ApiOperation operation, HttpRequestMessage request)
    {
        if (operation.Bodies.Count == 0 && (operation.Method is "GET" or "DELETE" || random.Next(4) > 0))
            return "";
        var (type, schema) = operation.Bodies.Count > 0 ? operation.Bodies.ElementAt(random.Next(operation.Bodies.Count)) : new("application/json", default);
        var body = _writer.Write(schema, random.Next(4) == 0 ? 0 : 0.08);
        if (type.Contains("ndjson", StringComparison.Ordinal))
            body = string.Join('\n', Enumerable.Range(0, random.Next(4)).Select(_ => _writer.Write(ItemOf(schema), 0.08)));
        var bytes = Encoding.UTF8.GetBytes(body);
        if (bytes.Length > 0 && random.Next(10) == 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        request.Content = new ByteArrayContent(bytes);
        var sent = random.Next(15) == 0 ? EvilValues.ContentTypes[random.Next(EvilValues.ContentTypes.Length)] : type;
        if (sent is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", sent);
        if (random.Next(40) == 0)
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", random.Next(2) == 0 ? "gzip" : "identity, br");
        return body;
    }

    private JsonElement ItemOf(JsonElement schema)
    {
        schema = JsonReferences.Follow(document, schema);
        return schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("items", out var items) ? items : schema;
    }

    // A parameter of this name that the API may know.
    private string Plain(string name) => name switch
    {
        "queue" => random.Next(2) == 0 ? "emails" : "orders",
        "id" => string.Create(CultureInfo.InvariantCulture, $"emails.01JD3V6X9QK4T2M7R8ZB5C1N0{"0123456789ABCDEF"[random.Next(16)]}"),
        _ => "daily",
    };

    private string Evil() => EvilValues.Text[random.Next(EvilValues.Text.Length)];

    private static string Short(string text) => text.Length <= 300 ? text : $"{text[..300]}… ({text.Length} characters)";
}
