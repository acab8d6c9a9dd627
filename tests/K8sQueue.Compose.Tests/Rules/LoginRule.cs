using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>A login to the dashboard outlives its API, and holds for all of them: each has the secret that protects it, and the same one.</summary>
internal static class LoginRule
{
    private const string Variable = "K8SQUEUE_DASHBOARD_SECRET_FILE";

    public static IEnumerable<string> Faults(Topology topology)
    {
        var apis = topology.Services.Where(pair => K8sQueueImage.Of(pair.File, pair.Service) is { IsWorker: false }).ToList();
        foreach (var (_, api) in apis.Where(pair => !pair.Service.Environment.ContainsKey(Variable)))
            yield return $"{api.Name}: logins to its dashboard end with it: it has no {Variable}";
        if (apis.Select(pair => SecretOf(pair.File, pair.Service)).Distinct().Count() > 1)
            yield return $"{topology.Name}: a login holds for one API, and not for the others: their secrets differ";
    }

    /// <summary>Its file on the host.</summary>
    private static string? SecretOf(ComposeFile file, ComposeService api) =>
        api.Secrets.FirstOrDefault(secret => secret.Path == api.Environment.GetValueOrDefault(Variable)) is { } secret
            ? file.PathOf(file.Secrets.GetValueOrDefault(secret.Name) ?? "")
            : null;
}
