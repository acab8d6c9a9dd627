using K8sQueue.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Hosting;

/// <summary>The chart's Ingress leads to every address of the API and the dashboard, and to none of those that are the cluster's own.</summary>
public sealed class IngressPathTests
{
    private static readonly string[] Inside = ["/health", "/healthz", "/metrics", "/readyz"];

    [Fact]
    public async Task The_paths_of_the_Ingress_are_those_that_are_served()
    {
        await using var api = new TestApi();
        var served = api.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/').Split('/')[0]).Distinct();

        (await File.ReadAllLinesAsync(Path.Combine(RepositoryFolder.Root, "charts", "k8squeue", "files", "api-paths")))
            .Should().Equal(served.Except([.. Inside, "/"]).Order(StringComparer.Ordinal), "charts/k8squeue/files/api-paths has them all");
    }
}
