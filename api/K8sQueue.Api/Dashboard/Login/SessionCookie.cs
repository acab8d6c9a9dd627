namespace K8sQueue.Api.Dashboard.Login;

/// <summary>
/// The cookie of a login. Over https its name begins with <c>__Host-</c>, so that browsers take it from this host alone, and a cookie
/// without that name counts for nothing there.
/// </summary>
internal static class SessionCookie
{
    private const string PlainName = "k8squeue";
    private const string SecureName = "__Host-k8squeue";

    public static string? Read(HttpRequest request) => request.Cookies[NameOf(request)];

    public static void Set(HttpContext context, string value, TimeSpan lifetime) =>
        context.Response.Cookies.Append(NameOf(context.Request), value, Attributes(context.Request, lifetime));

    public static void Delete(HttpContext context) =>
        context.Response.Cookies.Append(NameOf(context.Request), "", Attributes(context.Request, TimeSpan.Zero));

    private static string NameOf(HttpRequest request) => IsSecure(request) ? SecureName : PlainName;

    // Who sends the header to a server without a proxy makes its own cookie stricter, and nothing else.
    private static bool IsSecure(HttpRequest request) =>
        request.IsHttps || request.Headers["X-Forwarded-Proto"].ToString().Equals("https", StringComparison.OrdinalIgnoreCase);

    private static CookieOptions Attributes(HttpRequest request, TimeSpan lifetime) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        MaxAge = lifetime,
        Path = "/",
        SameSite = SameSiteMode.Strict,
        Secure = IsSecure(request),
    };
}
