using K8sQueue.Api.Authentication;
using K8sQueue.Api.Contracts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Endpoints;

/// <summary>List the API keys, and see which of them nobody uses.</summary>
internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/keys", ListAsync)
        .WithName("ListKeys")
        .Requires(Verb.Manage, Reach.Everywhere)
        .WithSummary("List the API keys that are good, what each may do, and when it was last used.")
        .Produces<KeyList>()
        .ProducesProblems(503);

    private static async Task<Ok<KeyList>> ListAsync(ApiKeyRing keys, KeyUses uses, HttpContext context)
    {
        var used = await uses.ReadAsync(context.RequestAborted);
        return TypedResults.Ok(new KeyList(
            [.. keys.Keys.OrderBy(key => key.Name, StringComparer.Ordinal).Select(key => KeyDocument.From(key, used.TryGetValue(key.Name, out var at) ? at : null))]));
    }
}
