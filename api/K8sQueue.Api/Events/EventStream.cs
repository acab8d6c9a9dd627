using System.Buffers;
using System.Text;
using System.Text.Json;
using K8sQueue.Api.Contracts;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Events;

/// <summary>Writes events as text/event-stream (https://html.spec.whatwg.org/multipage/server-sent-events.html).</summary>
internal sealed class EventStream(HttpResponse response, JsonSerializerOptions options)
{
    public const string ContentType = "text/event-stream";

    /// <summary>Says to proxies and clients that the connection lives; browsers drop it.</summary>
    private static readonly byte[] Comment = ": \n\n"u8.ToArray();

    private static readonly byte[] Trimmed = "event: trimmed\ndata: {}\n\n"u8.ToArray();

    /// <summary>Begins the answer, so that the client knows that it follows.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        response.ContentType = ContentType;
        response.Headers["X-Accel-Buffering"] = "no";
        await response.StartAsync(cancellationToken);
        await BeatAsync(cancellationToken);
    }

    public async Task WriteAsync(IReadOnlyList<JobEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
            return;
        foreach (var e in events)
            Write(e);
        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    public async Task BeatAsync(CancellationToken cancellationToken) => await response.BodyWriter.WriteAsync(Comment, cancellationToken);

    /// <summary>Says that events were missed. It has no id: a client that connects again is told so by the status.</summary>
    public async Task EndTrimmedAsync(CancellationToken cancellationToken) => await response.BodyWriter.WriteAsync(Trimmed, cancellationToken);

    // JSON has no line breaks, so one line of data is enough.
    private void Write(JobEvent e)
    {
        var document = EventDocument.From(e);
        var name = JsonNamingPolicy.CamelCase.ConvertName(e.Kind.ToString());
        response.BodyWriter.Write(Encoding.UTF8.GetBytes($"id: {e.Id}\nevent: {name}\ndata: "));
        response.BodyWriter.Write(JsonSerializer.SerializeToUtf8Bytes(document, options.GetTypeInfo(typeof(EventDocument))));
        response.BodyWriter.Write("\n\n"u8);
    }
}
