using K8sQueue.Api.Authentication;

namespace K8sQueue.Api.Contracts;

/// <summary>The API keys that are good now, by name.</summary>
/// <param name="Keys">The keys.</param>
internal sealed record KeyList(IReadOnlyList<KeyDocument> Keys);

/// <summary>What is known of an API key: never its text, nor a hash of it.</summary>
/// <param name="Name">Whom it is for. Two may have one name, as while one replaces the other.</param>
/// <param name="Scopes">What it may do, as a line of the keys file says it; missing where it may do everything.</param>
/// <param name="LastUsedAt">When a key of this name was last used, to the minute; missing where that is not known.</param>
internal sealed record KeyDocument(string Name, string? Scopes, DateTimeOffset? LastUsedAt)
{
    public static KeyDocument From(ApiKey key, DateTimeOffset? lastUsedAt) => new(key.Name, key.Scope.Text is { Length: > 0 } scopes ? scopes : null, lastUsedAt);
}
