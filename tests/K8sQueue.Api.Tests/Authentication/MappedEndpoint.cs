using System.Text;
using System.Text.RegularExpressions;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard;
using K8sQueue.Core.Jobs;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Authentication;

/// <summary>A method of an address that the API serves, but for pages of the dashboard.</summary>
internal sealed partial record MappedEndpoint(string Method, string Pattern, AccessRequirement? Requirement, bool IsOpen)
{
    /// <summary>Bodies of those that name their queues themselves. The route of every type must lead to the queue.</summary>
    private static readonly Dictionary<string, string> Bodies = new(StringComparer.Ordinal)
    {
        ["/v1/jobs"] = """{"type":"t"}""",
        ["/v1/batches"] = """{"jobs":[{"queue":"other","type":"t"}],"onComplete":{"queue":"$","type":"t"}}""",
        ["/v1/flows"] = """{"queue":"other","type":"t","children":[{"queue":"$","type":"t"}]}""",
    };

    public string Name => $"{Method} {Pattern}";

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<MappedEndpoint> Of(IServiceProvider services) =>
    [
        .. from endpoint in services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           where endpoint.Metadata.GetMetadata<DashboardEndpoint>() is null
           from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
           select new MappedEndpoint(
               method,
               endpoint.RoutePattern.RawText!,
               endpoint.Metadata.GetMetadata<AccessRequirement>(),
               endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null),
    ];

    /// <summary>A request that is good but for who sends it.</summary>
    public HttpRequestMessage Request(string queue)
    {
        var path = Place().Replace(Pattern, place => place.Value switch
        {
            "{documentName}" => "v1",
            "{id}" => JobId.Create(queue, tracked: true, TimeProvider.System).Value,
            "{queue}" => queue,
            _ => "x",
        });
        var request = new HttpRequestMessage(new HttpMethod(Method), path);
        if (Method is not ("POST" or "PUT"))
            return request;
        var body = Requirement?.Reach != Reach.Body ? """{"type":"t"}""" : Bodies.TryGetValue(Pattern, out var found)
            ? found.Replace("$", queue, StringComparison.Ordinal)
            : throw new InvalidOperationException($"Give a body of {Name} that names a queue.");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return request;
    }

    [GeneratedRegex("{[^}]*}", RegexOptions.None, 1000)]
    private static partial Regex Place();
}
