using K8sQueue.Api.Authentication;

namespace K8sQueue.Api.Hosting.Document;

/// <summary>The OpenAPI document, made when it is asked for: it costs nothing at the start. It is the same with whatever settings; docs/reference/openapi.json is a copy.</summary>
internal static class ApiDocument
{
    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "K8sQueue";
            document.Info.Version = "v1";
            document.Info.Description = "Enqueue jobs, follow them, and look after queues. Errors are problem documents (RFC 9457).";
            document.Servers?.Clear();
            DocumentSecurity.Add(document);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, _, _) =>
        {
            DocumentHeaders.Add(operation);
            DocumentExamples.Add(operation);
            return Task.CompletedTask;
        });
    });

    public static void MapApiDocument(this IEndpointRouteBuilder routes) =>
        routes.MapOpenApi("/openapi/{documentName}.json").Requires(Verb.Read, Reach.Visible).AddEndpointFilter(DocumentTag.FilterAsync);
}
