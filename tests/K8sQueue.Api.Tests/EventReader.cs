using System.Text.Json;

namespace K8sQueue.Api.Tests;

/// <summary>Reads server-sent events.</summary>
internal sealed class EventReader : IDisposable
{
    private readonly StreamReader _reader;

    private EventReader(HttpResponseMessage response, Stream stream)
    {
        Response = response;
        _reader = new StreamReader(stream);
    }

    public HttpResponseMessage Response { get; }

    private static CancellationToken Bound => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    public static async Task<EventReader> OpenAsync(HttpClient client, string path)
    {
        var response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Bound);
        response.EnsureSuccessStatusCode();
        return new EventReader(response, await response.Content.ReadAsStreamAsync(Bound));
    }

    /// <summary>The next line; null at the end.</summary>
    public async Task<string?> LineAsync() => await _reader.ReadLineAsync(Bound);

    /// <summary>The next event. Comments are passed over.</summary>
    public async Task<(string? Id, string Name, JsonElement Data)> NextAsync()
    {
        var bound = Bound; // of all lines together: comments go on coming
        string? id = null, name = null, data = null;
        while (await _reader.ReadLineAsync(bound) is { } line)
        {
            if (line.Length == 0 && name is not null && data is not null)
                return (id, name, JsonDocument.Parse(data).RootElement);
            id = Value(line, "id: ") ?? id;
            name = Value(line, "event: ") ?? name;
            data = Value(line, "data: ") ?? data;
        }

        throw new EndOfStreamException("The stream ended.");
    }

    /// <summary>Whether it ends, with nothing but comments before.</summary>
    public async Task<bool> EndsAsync()
    {
        var bound = Bound;
        while (await _reader.ReadLineAsync(bound) is { } line)
        {
            if (line.Length > 0 && !line.StartsWith(':'))
                return false;
        }

        return true;
    }

    public void Dispose()
    {
        _reader.Dispose();
        Response.Dispose();
    }

    private static string? Value(string line, string field) => line.StartsWith(field, StringComparison.Ordinal) ? line[field.Length..] : null;
}
