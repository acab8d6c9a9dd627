namespace K8sQueue.LocalCluster.Hosting;

/// <summary>What runs beside the API server.</summary>
internal static class LocalClusterServices
{
    public static void Add(IServiceCollection services, LocalClusterArguments arguments)
    {
    }
}
