using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Operations;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Storage;
using K8sQueue.LocalCluster.Tables;

namespace K8sQueue.LocalCluster.Http;

/// <summary>Lists, and deletions of all that a list finds.</summary>
internal sealed class CollectionHandlers(ObjectLister lister, ObjectDeleter deleter, ObjectStore store, TimeProvider time)
{
    public Task ListAsync(HttpContext context, ResourceEndpoint endpoint, RequestPath path)
    {
        var request = context.Request;
        CheckVersion(request);
        var page = lister.List(
            endpoint, RequestOptions.Filter(request, endpoint, path), RequestOptions.Number(request, "limit") ?? 0, request.Query["continue"]);
        var metadata = new JsonObject { ["resourceVersion"] = page.Version.ToString(CultureInfo.InvariantCulture) };
        if (page.Continue is { } token)
            metadata["continue"] = token;
        if (page.Remaining is { } remaining)
            metadata["remainingItemCount"] = remaining;
        switch (ResponseFormat.Of(request))
        {
            case ResponseShape.Table:
                var values = page.Items.Select(i => endpoint.FromStorage(i.Value));
                return ApiResponse.WriteAsync(
                    context, 200, TableWriter.Table(endpoint, values, metadata, request.Query["includeObject"], time.GetUtcNow()));
            case ResponseShape.Metadata:
                var items = page.Items.Select(i => TableWriter.PartialMetadata(i.Value).Utf8());
                return ApiResponse.WriteAsync(context, 200, Body("meta.k8s.io/v1", "PartialObjectMetadataList", metadata, items));
            default:
                var objects = page.Items.Select(i => Utf8(endpoint, i));
                return ApiResponse.WriteAsync(context, 200, Body(endpoint.ApiVersion, endpoint.Type.ListKind, metadata, objects));
        }
    }

    public async Task DeleteAsync(HttpContext context, ResourceEndpoint endpoint, RequestPath path)
    {
        var options = RequestOptions.Delete(context.Request, await RequestBody.ReadAsync(context));
        foreach (var item in lister.List(endpoint, RequestOptions.Filter(context.Request, endpoint, path)).Items)
        {
            try
            {
                deleter.Delete(endpoint, item.Namespace, item.Name, options);
            }
            catch (ClusterApiException e) when (e.Code == 404)
            {
                // Somebody else was faster.
            }
        }

        await ApiResponse.WriteAsync(context, 200, ApiResponse.Success(endpoint.Type.Resource, "", ""));
    }

    /// <summary>The serialised object in the endpoint's version.</summary>
    public static byte[] Utf8(ResourceEndpoint endpoint, StoredObject stored) =>
        endpoint.Type.Conversion.IsIdentity(stored.Value, endpoint) ? stored.Utf8 : endpoint.FromStorage(stored.Value).Utf8();

    private void CheckVersion(HttpRequest request)
    {
        var text = request.Query["resourceVersion"].ToString();
        if (text.Length == 0 || text == "0" || request.Query["continue"].ToString().Length > 0)
            return;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            throw ApiErrors.BadRequest($"resourceVersion: Invalid value: \"{text}\": must be an unsigned integer");
        if (version > store.Version)
            throw new ClusterApiException(504, "Timeout", $"Timeout: Too large resource version: {version}, current: {store.Version}");
        if (request.Query["resourceVersionMatch"] == "Exact" && version != store.Version)
            throw ApiErrors.Expired($"The resourceVersion for the provided list is too old: LocalCluster keeps no past states ({version})");
    }

    private static byte[] Body(string apiVersion, string kind, JsonObject metadata, IEnumerable<byte[]> items)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", kind);
            writer.WriteString("apiVersion", apiVersion);
            writer.WritePropertyName("metadata");
            metadata.WriteTo(writer);
            writer.WriteStartArray("items");
            foreach (var item in items)
                writer.WriteRawValue(item, skipInputValidation: true);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
