using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace K8sQueue.Quickstart.Run;

/// <summary>What the API says of a queue.</summary>
public sealed record QueueFigures
{
    /// <summary>Waiting and in flight.</summary>
    public required long Backlog { get; init; }

    public required long Delayed { get; init; }

    public required long Started { get; init; }

    public required long Completed { get; init; }

    public required long Retried { get; init; }

    public required long Recovered { get; init; }

    /// <summary>Handed back.</summary>
    public required long Released { get; init; }

    public required long Buried { get; init; }
}

/// <summary>The calls of the HTTP API that the quickstart makes, as any producer would make them.</summary>
public sealed class QueueApi : IDisposable
{
    private readonly HttpClient _http;

    public QueueApi(Uri url, string key)
    {
        _http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>Enqueues one job and returns its id.</summary>
    public async Task<string> EnqueueAsync(string queue, string type, JsonNode payload, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["type"] = type, ["payload"] = payload };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri($"v1/queues/{queue}/jobs", UriKind.Relative), content, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.Accepted)
            throw new QuickstartException($"The API answered {(int)response.StatusCode} to an enqueue: {text}");
        return JsonNode.Parse(text)!["id"]!.GetValue<string>();
    }

    /// <summary>A job's record; null where there is none.</summary>
    public Task<JsonObject?> GetJobAsync(string id, CancellationToken cancellationToken) => GetAsync($"v1/jobs/{id}", cancellationToken);

    /// <summary>A queue's figures.</summary>
    public async Task<QueueFigures> GetFiguresAsync(string queue, CancellationToken cancellationToken)
    {
        var document = await GetAsync($"v1/queues/{queue}", cancellationToken)
            ?? throw new QuickstartException($"The API knows no queue '{queue}'.");
        long Count(string name) => document[name]!.GetValue<long>();
        long Total(string name) => document["totals"]![name]!.GetValue<long>();
        return new QueueFigures
        {
            Backlog = Count("waiting") + Count("inFlight"),
            Delayed = Count("delayed"),
            Started = Total("started"),
            Completed = Total("completed"),
            Retried = Total("retried"),
            Recovered = Total("recovered"),
            Released = Total("released"),
            Buried = Total("buried"),
        };
    }

    /// <summary>Bounds how many jobs of a queue run at once.</summary>
    /// <param name="concurrency">0 for no bound.</param>
    public async Task SetConcurrencyAsync(string queue, int concurrency, CancellationToken cancellationToken)
    {
        var path = new Uri($"v1/queues/{queue}/limits", UriKind.Relative);
        using var content = new StringContent(new JsonObject { ["concurrency"] = concurrency }.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = concurrency == 0 ? await _http.DeleteAsync(path, cancellationToken) : await _http.PutAsync(path, content, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new QuickstartException($"The API answered {(int)response.StatusCode} to the limits of '{queue}': {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonObject?> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 64 })!.AsObject()
            : throw new QuickstartException($"The API answered {(int)response.StatusCode} to GET {path}: {text}");
    }
}
