using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.LocalCluster.Tests;

/// <summary>The API without HTTP.</summary>
internal sealed class TestCluster : IDisposable
{
    private readonly ServiceProvider _services;

    public TestCluster(Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        configure?.Invoke(services);
        services.AddClusterApi();
        _services = services.BuildServiceProvider();
        Api = _services.GetRequiredService<IClusterApi>();
    }

    public IClusterApi Api { get; }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public void Dispose() => _services.Dispose();
}

/// <summary>Objects for tests.</summary>
internal static class Samples
{
    public static JsonObject Pod(string name, string? owner = null) => Parse($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default"},
         "spec":{"containers":[{"name":"main","image":"busybox:1"}]} }
        """);

    public static JsonObject Deployment(string name) => Parse($$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{name}}","namespace":"default"},
         "spec":{"selector":{"matchLabels":{"app":"{{name}}"} },
          "template":{"metadata":{"labels":{"app":"{{name}}"} },"spec":{"containers":[{"name":"main","image":"busybox:1"}]} } } }
        """);

    public static JsonObject ConfigMap(string name) => Parse($$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}","namespace":"default"},"data":{"a":"1"} }
        """);

    public static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
}
