using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests.Support;

/// <summary>The programs of this repository, as they were built beside this one.</summary>
internal static class Programs
{
    public static string Api { get; } = Find("api/K8sQueue.Api");

    public static string[] Worker { get; } = WorkerExecutable.Command(Find("worker/K8sQueue.Worker"));

    public static string Operator { get; } = Find("operator/K8sQueue.Operator");

    public static string LocalCluster { get; } = Find("tests/K8sQueue.LocalCluster");

    // bin/<configuration>/net10.0/
    private static string Find(string project) => Path.Combine(
        RepositoryFolder.Root, project, "bin", new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name, "net10.0", $"{Path.GetFileName(project)}.dll");
}
