using System.Text;
using System.Text.Json;

namespace K8sQueue.Benchmarks.Operators;

/// <summary>Counts the operator's requests at the server, by its audit log.</summary>
internal sealed class AuditLogReader(string file, string userAgent)
{
    private long _position;

    /// <summary>The requests since the last call.</summary>
    public RequestCounts ReadNew()
    {
        var counts = new RequestCounts();
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = _position;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            // The last line may not be whole yet.
            if (!line.EndsWith('}'))
                break;
            _position += Encoding.UTF8.GetByteCount(line) + 1;
            Count(line, counts);
        }

        return counts;
    }

    private void Count(string line, RequestCounts counts)
    {
        using var document = JsonDocument.Parse(line);
        var entry = document.RootElement;
        if (entry.GetProperty("userAgent").GetString()?.StartsWith(userAgent, StringComparison.Ordinal) != true)
            return;
        var resource = "";
        if (entry.TryGetProperty("objectRef", out var reference))
        {
            resource = reference.GetProperty("resource").GetString()!;
            if (reference.TryGetProperty("subresource", out var subresource))
                resource += $"/{subresource.GetString()}";
        }

        counts.Add(entry.GetProperty("verb").GetString()!, resource, entry.GetProperty("responseStatus").GetProperty("code").GetInt32());
    }
}
