using K8sQueue.Api.Authentication;
using K8sQueue.Api.Authentication.Oidc;
using K8sQueue.Api.Dashboard.Pages;

namespace K8sQueue.Api.Dashboard.Login;

/// <summary>Log in with an API key or by OpenID Connect, log out.</summary>
internal static class LoginEndpoints
{
    public const string OidcPath = ReturnAddress.LoginPath + "/oidc";
    public const string OidcLogoutPath = OidcPath + "/logout";
    public const string LogoutPath = "/logout";

    private const string NotKnown = "The API key is not known.";

    public static void MapLogin(this IEndpointRouteBuilder open, IEndpointRouteBuilder pages)
    {
        open.MapGet(ReturnAddress.LoginPath, Show).AllowAnonymous();
        open.MapPost(ReturnAddress.LoginPath, LogInAsync).AllowAnonymous();
        MapOidcLogin(open);
        pages.MapPost(LogoutPath, LogOutAsync).WithMetadata(new ForWhoeverIsLoggedIn());
    }

    private static void MapOidcLogin(IEndpointRouteBuilder open)
    {
        if (!open.ServiceProvider.GetRequiredService<OidcOptions>().HasLogin)
            return;
        open.MapGet(OidcPath, (string? to, HttpContext context) => OidcLogin.StartAsync(context, to)).AllowAnonymous();
        open.MapGet(OidcLogoutPath, OidcLogin.EndAsync).AllowAnonymous();
    }

    private static IResult Show(string? to, HttpContext context, ApiKeyRing keys)
    {
        if (keys.IsAnonymous)
            return Results.LocalRedirect(ReturnAddress.Local(to));
        return Page.Of<LoginPage>(context, new LoginModel(ReturnAddress.Local(to), Failure: null, Again: ComesFromElsewhere(context.Request)));
    }

    private static async Task<IResult> LogInAsync(HttpContext context, ApiKeyRing keys, SessionProtector protector, LoginAudit audit, TimeProvider time)
    {
        var form = await Forms.ReadOpenAsync(context);
        var to = ReturnAddress.Local(form[ReturnAddress.Parameter]);
        var secret = form["key"].ToString().Trim();
        var name = secret.Length is > 0 and <= ApiKeyHandler.MaxKeyLength ? keys.Find(secret)?.Name : null;
        if (name is null)
        {
            await audit.RefusedAsync(context, ReturnAddress.LoginPath, name: "", StatusCodes.Status401Unauthorized, NotKnown);
            return Page.Of<LoginPage>(context, new LoginModel(to, NotKnown, Again: false), StatusCodes.Status401Unauthorized);
        }

        var ticket = new SessionTicket(name, ApiKey.HashOf(secret)[..SessionTicket.FingerprintBytes], time.GetUtcNow() + SessionTicket.Lifetime);
        SessionCookie.Set(context, protector.Protect(ticket), SessionTicket.Lifetime);
        await audit.DoneAsync(context, ReturnAddress.LoginPath, name, StatusCodes.Status302Found);
        return Results.LocalRedirect(to);
    }

    private static async Task<IResult> LogOutAsync(HttpContext context, LoginAudit audit)
    {
        SessionCookie.Delete(context);
        await audit.DoneAsync(context, LogoutPath, context.User.Identity?.Name ?? "", StatusCodes.Status302Found);
        return Results.LocalRedirect(ReturnAddress.LoginPath);
    }

    // A strict cookie does not come with a click on another site's link. The page asks again by itself, and then it comes.
    private static bool ComesFromElsewhere(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";
}
