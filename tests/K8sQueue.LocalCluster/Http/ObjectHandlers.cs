using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Http.Audit;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Operations;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Tables;

namespace K8sQueue.LocalCluster.Http;

/// <summary>Requests for one object: GET, POST, PUT, PATCH, DELETE.</summary>
internal sealed class ObjectHandlers(
    ObjectReader reader, ObjectCreator creator, ObjectUpdater updater, ObjectPatcher patcher, ObjectApplier applier, ObjectDeleter deleter,
    TimeProvider time)
{
    private const string CustomPatchTypes = "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";

    public Task GetAsync(HttpContext context, ResourceEndpoint endpoint, RequestPath path)
    {
        var stored = reader.Get(endpoint, path.Namespace, path.Name!);
        var value = endpoint.FromStorage(stored.Value);
        if (path.Subresource == "scale")
            return ApiResponse.WriteAsync(context, 200, ScaleView.Read(endpoint, value));
        return ReferenceEquals(value, stored.Value) && ResponseFormat.Of(context.Request) == ResponseShape.Object
            ? ApiResponse.WriteAsync(context, 200, stored.Utf8)
            : WriteAsync(context, 200, endpoint, value);
    }

    public async Task CreateAsync(HttpContext context, ResourceEndpoint endpoint, RequestPath path)
    {
        var body = await RequestBody.ReadObjectAsync(context);
        var options = RequestOptions.Write(context.Request, null);
        var created = creator.Create(endpoint, path.Namespace, body, options);
        RequestAudit.Created(context, created.Name());
        ApiResponse.Warn(context, options.Warnings);
        await WriteAsync(context, 201, endpoint, created);
    }

    public async Task UpdateAsync(HttpContext context, ResourceEndpoint endpoint, RequestPath path)
    {
        var body = await RequestBody.ReadObjectAsync(context);
        var options = RequestOptions.Write(context.Request, path.Subresource);
        if (path.Subresource == "scale")
        {
            var scaled = patcher.Patch(endpoint, path.Namespace, path.Name!, PatchKind.Merge, body, options);
            await ApiResponse.WriteAsync(context, 200, scaled);
            return;
        }

        var updated = updater.Update(endpoint, path.Namespace, path.Name!, body, options);
        ApiResponse.Warn(context, options.Warnings);
        await WriteAsync(context, 200, endpoint, updated);
    }

    public async Task PatchAsync(HttpContext context, ResourceEndpoint endpoint, RequestPath path)
    {
        var options = RequestOptions.Write(context.Request, path.Subresource);
        var type = RequestBody.MediaType(context.Request);
        if (type.StartsWith("application/apply-patch", StringComparison.Ordinal))
        {
            await ApplyAsync(context, endpoint, path, options);
            return;
        }

        PatchKind kind = type switch
        {
            "application/json-patch+json" => PatchKind.Json,
            "application/merge-patch+json" => PatchKind.Merge,
            "application/strategic-merge-patch+json" when !endpoint.Type.IsCustom => PatchKind.StrategicMerge,
            _ => throw ApiErrors.UnsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: "
                + (endpoint.Type.IsCustom ? CustomPatchTypes : $"{CustomPatchTypes}, application/strategic-merge-patch+json")),
        };
        var patched = patcher.Patch(endpoint, path.Namespace, path.Name!, kind, await RequestBody.ReadAsync(context), options);
        ApiResponse.Warn(context, options.Warnings);
        if (path.Subresource == "scale")
            await ApiResponse.WriteAsync(context, 200, patched);
        else
            await WriteAsync(context, 200, endpoint, patched);
    }

    public async Task DeleteAsync(HttpContext context, ResourceEndpoint endpoint, RequestPath path)
    {
        var options = RequestOptions.Delete(context.Request, await RequestBody.ReadAsync(context));
        var (value, gone) = deleter.Delete(endpoint, path.Namespace, path.Name!, options);
        if (gone && endpoint.Type.Resource != GroupResource.Pods)
            await ApiResponse.WriteAsync(context, 200, ApiResponse.Success(endpoint.Type.Resource, value.Name(), value.Uid()));
        else
            await WriteAsync(context, 200, endpoint, value);
    }

    private async Task ApplyAsync(HttpContext context, ResourceEndpoint endpoint, RequestPath path, WriteOptions options)
    {
        if (context.Request.Query["fieldManager"].ToString().Length == 0)
            throw ApiErrors.BadRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        if (path.Subresource == "scale")
            throw ApiErrors.UnsupportedMediaType("apply to a scale is not supported by LocalCluster: patch it");
        var configuration = await RequestBody.ReadObjectAsync(context);
        var (value, created) = applier.Apply(endpoint, path.Namespace, path.Name!, configuration, options);
        ApiResponse.Warn(context, options.Warnings);
        await WriteAsync(context, created ? 201 : 200, endpoint, value);
    }

    private Task WriteAsync(HttpContext context, int code, ResourceEndpoint endpoint, JsonObject value) =>
        ApiResponse.WriteAsync(context, code, ResponseFormat.Of(context.Request) switch
        {
            ResponseShape.Table => TableWriter.Table(endpoint, [value], new JsonObject { ["resourceVersion"] = value.ResourceVersion() },
                context.Request.Query["includeObject"], time.GetUtcNow()),
            ResponseShape.Metadata => TableWriter.PartialMetadata(value),
            _ => value,
        });
}
