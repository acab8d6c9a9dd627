using System.Text.Json.Serialization;

namespace K8sQueue.Operator.Discovery.RabbitMq;

/// <summary>Limits of a virtual host or a user; below zero, or absent, is none.</summary>
public sealed record RabbitMqLimits(Dictionary<string, long>? Value);

/// <summary>A node: <c>sockets_total</c> is 0 since version 4.</summary>
public sealed record RabbitMqNode(bool Running, [property: JsonPropertyName("sockets_total")] long? SocketsTotal);

public sealed record RabbitMqConnection(
    string? Name, string? User, string? Vhost, [property: JsonPropertyName("peer_host")] string? PeerHost,
    [property: JsonPropertyName("user_provided_name")] string? UserProvidedName);

/// <summary>One page of connections; without <c>page</c> the API gives a plain list.</summary>
public sealed record RabbitMqPage(
    List<RabbitMqConnection>? Items, [property: JsonPropertyName("page_count")] int PageCount,
    [property: JsonPropertyName("total_count")] int TotalCount);
