using System.Net;
using K8sQueue.Api.Dashboard;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>Somebody who uses the dashboard as a browser does, without JavaScript.</summary>
internal sealed class Visitor(TestApi api)
{
    private readonly HttpClient _client = api.CreateClient();

    /// <summary>The cookie of the login, as it is sent; null for none.</summary>
    public string? Cookie { get; set; }

    /// <summary>What the browser says of where a request comes from; null where it does not say.</summary>
    public string? Site { get; set; } = "same-origin";

    public static Task<Visitor> LoggedInAsync(TestApi api) => LoggedInAsync(api, api.Secret);

    public static async Task<Visitor> LoggedInAsync(TestApi api, string secret)
    {
        var visitor = new Visitor(api);
        var response = await visitor.PostAsync("/login", ("key", secret));
        response.StatusCode.Should().Be(HttpStatusCode.Redirect);
        visitor.Cookie = response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        return visitor;
    }

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        });

    /// <summary>The page at an address.</summary>
    public async Task<string> ReadAsync(string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        var response = await GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(status, text);
        response.Content.Headers.ContentType!.ToString().Should().Be("text/html; charset=utf-8");
        return text;
    }

    /// <summary>The page that a form leads to.</summary>
    public async Task<string> SubmitAsync(string path, params (string Name, string Value)[] fields)
    {
        var response = await PostAsync(path, fields);
        response.StatusCode.Should().Be(HttpStatusCode.Redirect, await response.Content.ReadAsStringAsync());
        return await ReadAsync(response.Headers.Location!.ToString());
    }

    /// <summary>The dashboard's endpoints, with the address of each.</summary>
    public static IEnumerable<(string Method, string Path, DashboardContent Kind, string Pattern)> Endpoints(TestApi api, string jobId) =>
        from endpoint in api.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let kind = endpoint.Metadata.GetMetadata<DashboardEndpoint>()
        where kind is not null
        from method in endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
        let pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
        let path = pattern
            .Replace("{queue}", "q", StringComparison.Ordinal)
            .Replace("{id}", jobId, StringComparison.Ordinal)
            .Replace("{namespace}", "shop", StringComparison.Ordinal)
            .Replace("{name}", "n", StringComparison.Ordinal)
        select (method, path, kind!.Kind, pattern);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        if (Cookie is not null)
            request.Headers.Add("Cookie", Cookie);
        if (Site is not null)
            request.Headers.Add("Sec-Fetch-Site", Site);
        using (request)
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
