namespace K8sQueue.Api.Dashboard;

/// <summary>Marks the endpoints of the dashboard, which browsers use with a cookie; those of the API take a key and nothing else. A feature of the request where no endpoint answers it.</summary>
/// <param name="Kind">What it answers with.</param>
internal sealed record DashboardEndpoint(DashboardContent Kind);

/// <summary>What an endpoint of the dashboard answers with, and so which headers it has.</summary>
internal enum DashboardContent
{
    /// <summary>A page, or the redirect to one.</summary>
    Page,

    /// <summary>A file whose address has its hash.</summary>
    Asset,

    /// <summary>Server-sent events.</summary>
    Events,
}

/// <summary>Marks what is for whoever is logged in, whatever they may do: it shows nothing of anybody, and changes nothing of a queue.</summary>
internal sealed record ForWhoeverIsLoggedIn;
