using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;

namespace K8sQueue.Api.Authentication;

/// <summary>What a request that lasts was let in for: whether it still holds, since keys are revoked and tokens expire.</summary>
internal static class Standing
{
    /// <summary>Who calls, for bounds of one caller; null where nobody shows a key.</summary>
    public static string? Caller(HttpContext context) =>
        context.RequestServices.GetRequiredService<ApiKeyRing>().IsAnonymous ? null : context.User.Identity?.Name;

    /// <summary>Whether the caller is still who it was, and may still do something in a queue.</summary>
    public static async Task<bool> HoldsAsync(HttpContext context, Verb verb, string queue)
    {
        // A scope of its own: handlers remember what they said first.
        await using var scope = context.RequestServices.CreateAsyncScope();
        var scheme = context.User.Identity?.AuthenticationType ?? ApiKeyHandler.SchemeName;
        var handler = await scope.ServiceProvider.GetRequiredService<IAuthenticationHandlerProvider>().GetHandlerAsync(context, scheme);
        var result = handler is null ? AuthenticateResult.NoResult() : await handler.AuthenticateAsync();
        return result.Principal is { } user && Is(user, context.User) && Access.May(user, verb, queue);
    }

    private static bool Is(ClaimsPrincipal user, ClaimsPrincipal other) => user.Identity?.Name == other.Identity?.Name;
}
