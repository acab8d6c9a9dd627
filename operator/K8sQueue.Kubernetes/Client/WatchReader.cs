using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Kubernetes.Client;

/// <summary>Reads a watch's body: one JSON object a line. A connection that breaks ends it as a server's close does; a torn line is dropped.</summary>
internal static class WatchReader
{
    public static async IAsyncEnumerable<WatchEvent<T>> ReadAsync<T>(
        Stream body, string path, JsonTypeInfo<T> typeInfo, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var pipe = PipeReader.Create(body);
        try
        {
            while (await ReadMoreAsync(pipe, cancellationToken).ConfigureAwait(false) is { } result)
            {
                var buffer = result.Buffer;
                while (TryTakeLine(ref buffer, out var line))
                {
                    if (Parse(line, path, typeInfo) is { } parsed)
                        yield return parsed;
                }

                pipe.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                    yield break;
            }
        }
        finally
        {
            await pipe.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static async ValueTask<ReadResult?> ReadMoreAsync(PipeReader pipe, CancellationToken cancellationToken)
    {
        try
        {
            return await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return null;
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static WatchEvent<T>? Parse<T>(ReadOnlySequence<byte> line, string path, JsonTypeInfo<T> typeInfo)
        where T : class, IKubernetesObject
    {
        var reader = new Utf8JsonReader(line, KubernetesJson.ReaderOptions);
        if (!reader.Read())
            return null;
        var (type, json) = ((string?)null, ReadOnlySequence<byte>.Empty);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isType, isObject) = (reader.ValueTextEquals("type"u8), reader.ValueTextEquals("object"u8));
            reader.Read();
            var start = reader.TokenStartIndex;
            if (isType)
                type = reader.GetString();
            reader.Skip();
            if (isObject)
                json = line.Slice(start, reader.BytesConsumed - start);
        }

        return type switch
        {
            "ADDED" => new WatchEvent<T>(WatchEventType.Added, Object(json, typeInfo)),
            "MODIFIED" => new WatchEvent<T>(WatchEventType.Modified, Object(json, typeInfo)),
            "DELETED" => new WatchEvent<T>(WatchEventType.Deleted, Object(json, typeInfo)),
            "BOOKMARK" => new WatchEvent<T>(WatchEventType.Bookmark, Object(json, typeInfo)),
            "ERROR" => throw ApiError.OfWatch(path, ReadStatus(json)),
            _ => null,
        };
    }

    private static T Object<T>(ReadOnlySequence<byte> json, JsonTypeInfo<T> typeInfo)
        where T : class, IKubernetesObject
    {
        var reader = new Utf8JsonReader(json, KubernetesJson.ReaderOptions);
        var value = JsonSerializer.Deserialize(ref reader, typeInfo) ?? throw new JsonException("A watch event carries no object.");
        return value.WithType();
    }

    private static V1Status ReadStatus(ReadOnlySequence<byte> json)
    {
        var reader = new Utf8JsonReader(json, KubernetesJson.ReaderOptions);
        return JsonSerializer.Deserialize(ref reader, KubernetesJson.Default.TypeInfo<V1Status>()) ?? new V1Status();
    }
}
