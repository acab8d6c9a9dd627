using System.Security.Claims;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Authentication.Oidc;
using K8sQueue.Api.Dashboard.Assets;
using K8sQueue.Api.Dashboard.Login;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>What every page has: who reads it, when, and where its files are.</summary>
public sealed record PageContext
{
    public required ClaimsPrincipal User { get; init; }

    /// <summary>Whether nobody has to log in.</summary>
    public required bool IsAnonymous { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>The path of the page.</summary>
    public required string Path { get; init; }

    /// <summary>What was done just before; null where nothing was.</summary>
    public string? Notice { get; init; }

    public required string Stylesheet { get; init; }

    public required string Script { get; init; }

    public required string Icon { get; init; }

    /// <summary>Where the login by OpenID Connect begins; null where there is none.</summary>
    public string? OidcLogin { get; init; }

    /// <summary>Where a trace is shown; null where that is not set.</summary>
    public string? TraceUrl { get; init; }

    public bool IsLoggedIn => User.Identity is { IsAuthenticated: true };

    public string? UserName => User.Identity?.Name;

    /// <summary>Whether what was done to all queues is theirs to see.</summary>
    public bool MaySeeAudit => Access.May(User, Verb.Manage, queue: null);

    /// <summary>Whether what belongs to no queue, the cluster's pools and budgets, is theirs to see.</summary>
    public bool MaySeeCluster => Access.May(User, Verb.Read, queue: null);

    /// <inheritdoc cref="DashboardAccess.May"/>
    internal bool May(Verb verb, string? queue) => DashboardAccess.May(User, verb, queue);

    internal static PageContext From(HttpContext context)
    {
        var assets = context.RequestServices.GetRequiredService<AssetStore>();
        return new PageContext
        {
            User = context.User,
            IsAnonymous = context.RequestServices.GetRequiredService<ApiKeyRing>().IsAnonymous,
            Now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(),
            Path = context.Request.Path,
            Notice = Notices.Read(context.Request.Query),
            Stylesheet = assets.AddressOf("dashboard.css"),
            Script = assets.AddressOf("dashboard.js"),
            Icon = assets.AddressOf("icon.svg"),
            TraceUrl = context.RequestServices.GetRequiredService<DashboardOptions>().TraceUrl,
            OidcLogin = context.RequestServices.GetRequiredService<OidcOptions>().HasLogin ? LoginEndpoints.OidcPath : null,
        };
    }
}
