using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Client;

/// <summary>Reads one page of a list. A list of T needs no JSON metadata of its own that way.</summary>
internal static class ListReader
{
    /// <summary>Adds the page's objects to <paramref name="items"/>.</summary>
    /// <exception cref="JsonException">The page is no list, or an object of it does not fit T.</exception>
    public static (string ResourceVersion, string? Continue) Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> typeInfo, List<T> items)
        where T : class, IKubernetesObject
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The answer is no JSON object.");
        var (resourceVersion, token) = ("", (string?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isItems, isMetadata) = (reader.ValueTextEquals("items"u8), reader.ValueTextEquals("metadata"u8));
            reader.Read();
            if (isItems && reader.TokenType == JsonTokenType.StartArray)
                ReadItems(ref reader, typeInfo, items);
            else if (isMetadata && reader.TokenType == JsonTokenType.StartObject)
                (resourceVersion, token) = ReadMetadata(ref reader);
            else
                reader.Skip();
        }

        return (resourceVersion, token);
    }

    private static void ReadItems<T>(ref Utf8JsonReader reader, JsonTypeInfo<T> typeInfo, List<T> items)
        where T : class, IKubernetesObject
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (JsonSerializer.Deserialize(ref reader, typeInfo) is { } item)
                items.Add(item.WithType());
        }
    }

    private static (string ResourceVersion, string? Continue) ReadMetadata(ref Utf8JsonReader reader)
    {
        var (resourceVersion, token) = ("", (string?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isVersion, isContinue) = (reader.ValueTextEquals("resourceVersion"u8), reader.ValueTextEquals("continue"u8));
            reader.Read();
            if (isVersion)
                resourceVersion = reader.GetString() ?? "";
            else if (isContinue)
                token = reader.GetString();
            else
                reader.Skip();
        }

        return (resourceVersion, string.IsNullOrEmpty(token) ? null : token);
    }
}
