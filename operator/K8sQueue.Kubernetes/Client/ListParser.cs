using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Kubernetes.Client;

/// <summary>Takes the text of a list in pieces. A step is taken whole, or not at all until more has come.</summary>
internal sealed class ListParser<T>(JsonTypeInfo<T> typeInfo, Func<T, T>? transform, List<T> items)
    where T : class, IKubernetesObject
{
    private JsonReaderState _state = new(KubernetesJson.ReaderOptions);
    private Place _place = Place.Start;

    private enum Place
    {
        Start,
        Properties,
        Items,
        End,
    }

    public bool IsComplete => _place == Place.End;

    public string ResourceVersion { get; private set; } = "";

    /// <summary>The next page's token; null where this is the last one.</summary>
    public string? Continue { get; private set; }

    /// <summary>Takes what is whole off the front of the buffer.</summary>
    /// <exception cref="JsonException">It is no list, or an object of it does not fit T.</exception>
    public void Parse(ref ReadOnlySequence<byte> buffer, bool isFinal)
    {
        while (!IsComplete)
        {
            var reader = new Utf8JsonReader(buffer, isFinal, _state);
            var taken = _place switch
            {
                Place.Start => Start(ref reader),
                Place.Properties => Property(ref reader, buffer),
                _ => Item(ref reader, buffer),
            };
            if (!taken)
                return;
            _state = reader.CurrentState;
            buffer = buffer.Slice(reader.Position);
        }
    }

    private bool Start(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The answer is no JSON object.");
        _place = Place.Properties;
        return true;
    }

    private bool Property(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            _place = Place.End;
            return true;
        }

        var (isItems, isMetadata) = (reader.ValueTextEquals("items"u8), reader.ValueTextEquals("metadata"u8));
        if (!reader.Read())
            return false;
        if (isItems && reader.TokenType == JsonTokenType.StartArray)
        {
            _place = Place.Items;
            return true;
        }

        var start = reader.TokenStartIndex;
        if (!reader.TrySkip())
            return false;
        if (isMetadata && reader.TokenType == JsonTokenType.EndObject)
            ReadMetadata(buffer.Slice(start, reader.BytesConsumed - start));
        return true;
    }

    private bool Item(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType == JsonTokenType.EndArray)
        {
            _place = Place.Properties;
            return true;
        }

        var start = reader.TokenStartIndex;
        if (!reader.TrySkip())
            return false;
        if (Deserialize(buffer.Slice(start, reader.BytesConsumed - start)) is { } item)
            items.Add(transform is null ? item.WithType() : transform(item.WithType()));
        return true;
    }

    private T? Deserialize(in ReadOnlySequence<byte> json)
    {
        if (json.IsSingleSegment)
            return JsonSerializer.Deserialize(json.FirstSpan, typeInfo);
        var length = (int)json.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            json.CopyTo(rented);
            return JsonSerializer.Deserialize(rented.AsSpan(0, length), typeInfo);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private void ReadMetadata(in ReadOnlySequence<byte> json)
    {
        var reader = new Utf8JsonReader(json, KubernetesJson.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isVersion, isContinue) = (reader.ValueTextEquals("resourceVersion"u8), reader.ValueTextEquals("continue"u8));
            reader.Read();
            if (isVersion)
                ResourceVersion = reader.GetString() ?? "";
            else if (isContinue)
                Continue = reader.GetString() is { Length: > 0 } token ? token : null;
            else
                reader.Skip();
        }
    }
}
