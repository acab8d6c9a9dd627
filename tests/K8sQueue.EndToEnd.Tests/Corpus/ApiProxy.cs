using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Quickstart.Processes;

namespace K8sQueue.EndToEnd.Tests.Corpus;

/// <summary>The API server over plain HTTP, by <c>kubectl proxy</c>: what is sent is what is written, with no client's types in between.</summary>
internal sealed class ApiProxy : IAsyncDisposable
{
    private readonly ProcessSupervisor _processes;
    private readonly HttpClient _http;

    private ApiProxy(ProcessSupervisor processes, int port)
    {
        _processes = processes;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/apis/k8squeue.io/v1alpha1/") };
    }

    public static async Task<ApiProxy> StartAsync(string kubeconfig)
    {
        var port = K8sQueue.Testing.FreePort.Next();
        var processes = new ProcessSupervisor(EndToEndEnvironment.NewDirectory());
        await processes.StartAsync("proxy", ["kubectl", "--kubeconfig", kubeconfig, "proxy", $"--port={port}"]);
        var proxy = new ApiProxy(processes, port);
        await K8sQueue.Testing.Eventually.Passes(async () => (await proxy._http.GetAsync(new Uri("", UriKind.Relative))).EnsureSuccessStatusCode());
        return proxy;
    }

    /// <summary>POST with strict validation; the message of the refusal, or null.</summary>
    public async Task<string?> CreateAsync(string @namespace, CorpusCase item)
    {
        var url = new Uri($"namespaces/{@namespace}/{item.Resource}?fieldValidation=Strict", UriKind.Relative);
        using var content = new StringContent(item.Body, Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(url, content);
        if (response.IsSuccessStatusCode)
            return null;
        var answer = await response.Content.ReadAsStringAsync();
        return answer.StartsWith('{') ? (string?)JsonNode.Parse(answer)!["message"] ?? answer : answer;
    }

    /// <summary>The reasons of an object's conditions, by type.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ReasonsAsync(string @namespace, CorpusCase item)
    {
        var text = await _http.GetStringAsync(new Uri($"namespaces/{@namespace}/{item.Resource}/{item.ObjectName}", UriKind.Relative));
        var live = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 20_000 });
        return (live!["status"]?["conditions"]?.AsArray() ?? []).ToDictionary(c => (string)c!["type"]!, c => (string)c!["reason"]!);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _processes.DisposeAsync();
    }
}
