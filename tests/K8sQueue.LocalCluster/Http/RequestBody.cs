using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Protobuf;
using YamlDotNet.Core;

namespace K8sQueue.LocalCluster.Http;

/// <summary>Reads bodies: JSON, YAML or protobuf, bounded.</summary>
internal static class RequestBody
{
    private const string Protobuf = "application/vnd.kubernetes.protobuf";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 200, AllowDuplicateProperties = false };

    /// <summary>The media type, without parameters.</summary>
    public static string MediaType(HttpRequest request) => (request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    /// <exception cref="ClusterApiException">BadRequest, UnsupportedMediaType or RequestEntityTooLarge.</exception>
    public static async Task<JsonObject> ReadObjectAsync(HttpContext context) =>
        await ReadAsync(context) as JsonObject ?? throw ApiErrors.BadRequest("the body of the request is not an object");

    /// <summary>Null where there is no body.</summary>
    /// <exception cref="ClusterApiException">BadRequest, UnsupportedMediaType or RequestEntityTooLarge.</exception>
    public static async Task<JsonNode?> ReadAsync(HttpContext context)
    {
        var bytes = await ReadBytesAsync(context);
        if (bytes.Length == 0)
            return null;
        var type = MediaType(context.Request);
        if (type.Contains("cbor", StringComparison.Ordinal))
        {
            throw ApiErrors.UnsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml");
        }

        try
        {
            if (type == Protobuf)
                return ProtobufDecoder.Decode(bytes);
            return type.EndsWith("yaml", StringComparison.Ordinal) && !LooksLikeJson(bytes)
                ? YamlReader.ReadAll(Encoding.UTF8.GetString(bytes)).SingleOrDefault()
                : JsonNode.Parse(bytes, documentOptions: Strict);
        }
        catch (JsonException e) when (e.Message.Contains("maximum configured depth", StringComparison.Ordinal))
        {
            // The real server's depth is 10,000; trees of .NET are walked on the stack.
            throw ApiErrors.BadRequest($"json parse error: exceeded max depth: {e.Message}");
        }
        catch (Exception e) when (e is JsonException or YamlException or FormatException or OverflowException
            or ArgumentException or InvalidOperationException)
        {
            throw ApiErrors.BadRequest($"error decoding the body of the request: {e.Message}");
        }
    }

    private static bool LooksLikeJson(byte[] bytes) => bytes.FirstOrDefault(b => !char.IsWhiteSpace((char)b)) is (byte)'{' or (byte)'[';

    private static async Task<byte[]> ReadBytesAsync(HttpContext context)
    {
        try
        {
            using var buffer = new MemoryStream();
            await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
            return buffer.ToArray();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == 413)
        {
            throw new ClusterApiException(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728");
        }
    }
}
