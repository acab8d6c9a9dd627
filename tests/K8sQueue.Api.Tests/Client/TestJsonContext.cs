using System.Text.Json.Serialization;

namespace K8sQueue.Api.Tests.Client;

internal sealed record Sent([property: JsonPropertyName("sent")] int Count);

[JsonSerializable(typeof(Sent))]
internal sealed partial class TestJsonContext : JsonSerializerContext;
