using System.Collections.Frozen;
using System.Security.Cryptography;

namespace K8sQueue.Api.Dashboard.Assets;

/// <summary>The dashboard's stylesheet, script and icon. Each one's address has its hash, so that browsers keep it for good.</summary>
internal sealed class AssetStore
{
    private const string Prefix = "K8sQueue.Api.Dashboard.Assets.";

    private readonly FrozenDictionary<string, Asset> _assets = new[]
    {
        Read("dashboard.css", "text/css; charset=utf-8"),
        Read("dashboard.js", "text/javascript; charset=utf-8"),
        Read("icon.svg", "image/svg+xml"),
    }.ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    public string AddressOf(string name) => _assets[name].Address;

    /// <summary>A file; null where there is none of this name with this hash.</summary>
    public Asset? Find(string hash, string name) => _assets.TryGetValue(name, out var asset) && asset.Hash == hash ? asset : null;

    private static Asset Read(string name, string contentType)
    {
        using var stream = typeof(AssetStore).Assembly.GetManifestResourceStream(Prefix + name)
            ?? throw new InvalidOperationException($"{name} is not part of the program.");
        using var content = new MemoryStream();
        stream.CopyTo(content);
        var bytes = content.ToArray();
        return new Asset(name, contentType, bytes, Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]);
    }
}

/// <param name="Name">Its file name.</param>
/// <param name="ContentType">What it is.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Hash">The beginning of their SHA-256.</param>
internal sealed record Asset(string Name, string ContentType, byte[] Content, string Hash)
{
    public string Address => $"/assets/{Hash}/{Name}";
}

/// <summary>Serves the files, to everybody: there is nothing of anybody in them.</summary>
internal static class AssetEndpoints
{
    public static void MapAssets(this IEndpointRouteBuilder routes) => routes.MapGet("/assets/{hash}/{name}", Get)
        .AllowAnonymous()
        .DisableRateLimiting()
        .ExcludeFromDescription()
        .WithMetadata(new DashboardEndpoint(DashboardContent.Asset));

    private static IResult Get(string hash, string name, AssetStore assets) =>
        assets.Find(hash, name) is { } asset ? Results.Bytes(asset.Content, asset.ContentType) : Results.NotFound();
}
