using System.Buffers;
using System.Text.Json;

namespace K8sQueue.LocalCluster.Http.Audit;

/// <summary>
/// A file of audit events, one line of JSON a request, in the real server's format (audit.k8s.io/v1, level Metadata): what reads one reads
/// the other. A line is there when the client has its answer.
/// </summary>
internal sealed class AuditLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file;

    /// <exception cref="IOException">The file can't be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public AuditLog(string path) => _file = new FileStream(path, new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        Share = FileShare.Read,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    public void Write(AuditEvent entry)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, entry);
        buffer.Write("\n"u8);
        lock (_gate)
            _file.Write(buffer.WrittenSpan);
    }

    public void Dispose() => _file.Dispose();

    private static void Write(Utf8JsonWriter json, AuditEvent entry)
    {
        json.WriteStartObject();
        json.WriteString("kind", "Event");
        json.WriteString("apiVersion", "audit.k8s.io/v1");
        json.WriteString("level", "Metadata");
        json.WriteString("auditID", entry.Id);
        json.WriteString("stage", entry.Stage);
        json.WriteString("requestURI", entry.Uri);
        json.WriteString("verb", entry.Verb);
        json.WriteStartObject("user");
        json.WriteString("username", entry.User);
        json.WriteEndObject();
        json.WriteString("userAgent", entry.UserAgent);
        if (entry.Path is { } path)
        {
            json.WriteStartObject("objectRef");
            json.WriteString("resource", path.Plural);
            WriteWhereSet(json, "namespace", path.Namespace);
            WriteWhereSet(json, "name", path.Name ?? entry.CreatedName);
            WriteWhereSet(json, "apiGroup", path.Group);
            json.WriteString("apiVersion", path.Version);
            WriteWhereSet(json, "subresource", path.Subresource);
            json.WriteEndObject();
        }

        json.WriteStartObject("responseStatus");
        json.WriteNumber("code", entry.Code);
        json.WriteEndObject();
        json.WriteString("requestReceivedTimestamp", MicroTime(entry.Received));
        json.WriteString("stageTimestamp", MicroTime(entry.Written));
        json.WriteEndObject();
    }

    private static void WriteWhereSet(Utf8JsonWriter json, string member, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            json.WriteString(member, value);
    }

    private static string MicroTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Who asked for what, and what came of it.</summary>
internal sealed record AuditEvent
{
    public required Guid Id { get; init; }

    /// <summary>ResponseStarted for watches, ResponseComplete for the rest.</summary>
    public required string Stage { get; init; }

    public required string Uri { get; init; }

    /// <summary>As RBAC names it; the method in small letters where the path names no resource.</summary>
    public required string Verb { get; init; }

    public required string User { get; init; }

    public required string UserAgent { get; init; }

    /// <summary>Null where the path names no resource.</summary>
    public RequestPath? Path { get; init; }

    /// <summary>The name of an object that a POST created.</summary>
    public string? CreatedName { get; init; }

    public required int Code { get; init; }

    public required DateTimeOffset Received { get; init; }

    public required DateTimeOffset Written { get; init; }
}
