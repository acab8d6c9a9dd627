using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace K8sQueue.Kubernetes.Serialization;

/// <summary>The one way in which objects of the API become JSON and back: camelCase, nulls left out, times as Kubernetes writes them.</summary>
public static class KubernetesJson
{
    /// <summary>
    /// How deep objects may nest: deeper than the API server lets them (Go's limit is 10,000, and a watch event or a list are around them). With
    /// less, a single object with a deep field of no schema would keep a whole list from being read.
    /// </summary>
    public const int MaxDepth = 10_100;

    /// <summary>Options for the types of this assembly only.</summary>
    public static JsonSerializerOptions Default { get; } = CreateOptions();

    /// <summary>Options for the types of this assembly and those of the given contexts. Make them once and keep them.</summary>
    public static JsonSerializerOptions CreateOptions(params IEnumerable<IJsonTypeInfoResolver> contexts)
    {
        ArgumentNullException.ThrowIfNull(contexts);
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            MaxDepth = MaxDepth,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = JsonTypeInfoResolver.Combine([KubernetesJsonContext.Default, .. contexts]),
        };
        options.Converters.Add(new Rfc3339TimeConverter());
        options.MakeReadOnly();
        return options;
    }

    /// <summary>For readers that step through the text of objects.</summary>
    internal static JsonReaderOptions ReaderOptions { get; } = new() { MaxDepth = MaxDepth };

    /// <summary>The JSON metadata of a type.</summary>
    /// <exception cref="NotSupportedException">No context given to <see cref="CreateOptions"/> has the type.</exception>
    public static JsonTypeInfo<T> TypeInfo<T>(this JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
    }

    /// <summary>A copy that shares nothing with the original.</summary>
    public static T Clone<T>(this JsonSerializerOptions options, T value)
        where T : class
    {
        var typeInfo = options.TypeInfo<T>();
        return JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(value, typeInfo), typeInfo)!;
    }
}
