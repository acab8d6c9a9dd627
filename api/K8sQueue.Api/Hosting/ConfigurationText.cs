namespace K8sQueue.Api.Hosting;

/// <summary>Reads settings.</summary>
internal static class ConfigurationText
{
    /// <summary>A setting; null where it is not set, or blank.</summary>
    public static string? Text(this IConfiguration configuration, string key) =>
        string.IsNullOrWhiteSpace(configuration[key]) ? null : configuration[key];
}
