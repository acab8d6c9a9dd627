using K8sQueue.Api.Authentication;
using K8sQueue.Api.Authentication.Oidc;
using K8sQueue.Api.Dashboard.Pages;

namespace K8sQueue.Api.Dashboard.Login;

/// <summary>Log in with an API key or by OpenID Connect, log out.</summary>
internal static partial class LoginEndpoints
{
    public const string OidcPath = ReturnAddress.LoginPath + "/oidc";
    public const string OidcLogoutPath = OidcPath + "/logout";

    public static void MapLogin(this IEndpointRouteBuilder open, IEndpointRouteBuilder pages)
    {
        open.MapGet(ReturnAddress.LoginPath, Show).AllowAnonymous();
        open.MapPost(ReturnAddress.LoginPath, LogInAsync).AllowAnonymous();
        MapOidcLogin(open);
        pages.MapPost("/logout", LogOut).WithMetadata(new ForWhoeverIsLoggedIn());
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

    private static async Task<IResult> LogInAsync(HttpContext context, ApiKeyRing keys, SessionProtector protector, TimeProvider time, ILoggerFactory logs)
    {
        var form = await Forms.ReadOpenAsync(context);
        var to = ReturnAddress.Local(form[ReturnAddress.Parameter]);
        var secret = form["key"].ToString().Trim();
        var name = secret.Length is > 0 and <= ApiKeyHandler.MaxKeyLength ? keys.Find(secret)?.Name : null;
        if (name is null)
        {
            Log.Refused(logs.CreateLogger(typeof(LoginEndpoints)), context.Connection.RemoteIpAddress);
            return Page.Of<LoginPage>(context, new LoginModel(to, "The API key is not known.", Again: false), StatusCodes.Status401Unauthorized);
        }

        var ticket = new SessionTicket(name, ApiKey.HashOf(secret)[..SessionTicket.FingerprintBytes], time.GetUtcNow() + SessionTicket.Lifetime);
        SessionCookie.Set(context, protector.Protect(ticket), SessionTicket.Lifetime);
        Log.LoggedIn(logs.CreateLogger(typeof(LoginEndpoints)), name, context.Connection.RemoteIpAddress);
        return Results.LocalRedirect(to);
    }

    private static IResult LogOut(HttpContext context)
    {
        SessionCookie.Delete(context);
        return Results.LocalRedirect(ReturnAddress.LoginPath);
    }

    // A strict cookie does not come with a click on another site's link. The page asks again by itself, and then it comes.
    private static bool ComesFromElsewhere(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Name} logged in to the dashboard from {Address}")]
        public static partial void LoggedIn(ILogger logger, string name, System.Net.IPAddress? address);

        [LoggerMessage(2, LogLevel.Warning, "A login to the dashboard from {Address} was refused: its key is not known")]
        public static partial void Refused(ILogger logger, System.Net.IPAddress? address);
    }
}
