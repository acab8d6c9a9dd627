namespace K8sQueue.Api.Workers;

/// <summary>What a worker in the API's process is called at the broker, so that everybody can tell it from the others.</summary>
internal static class InProcess
{
    private const string Suffix = ".api";

    /// <summary>Of the pod or host that the API runs on.</summary>
    public static string NameOf(string host) => host + Suffix;

    /// <summary>Whether a worker of this name, without its boot id, runs in an API's process.</summary>
    public static bool IsName(string pod) => pod.EndsWith(Suffix, StringComparison.Ordinal);
}
