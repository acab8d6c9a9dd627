using System.Reflection;
using System.Text.RegularExpressions;
using K8sQueue.Compose.Tests.Model;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Configuration;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>Every variable is one that the program of the container reads, and has a value that it takes.</summary>
internal static partial class EnvironmentRule
{
    private static readonly string[] Queue = [.. Constants(typeof(RedisQueueConfiguration)).Select(name => RedisQueueConfiguration.Prefix + name)];

    private static readonly string[] Cache = [.. Constants(typeof(RedisQueueConfiguration)).Select(name => $"{RedisQueueConfiguration.Prefix}CACHE_{name}")];

    // Those of .NET itself, and of libpq for commands of the exec handler.
    private static readonly string[] Common = ["ASPNETCORE_", "DOTNET_", "Logging__", "OTEL_"];
    private static readonly string[] OfCommands = ["PGSERVICEFILE", "PGAPPNAME"];

    private static readonly Dictionary<string, string[]> OfOthers = new()
    {
        ["docker.io/library/postgres"] = ["POSTGRES_PASSWORD_FILE", "POSTGRES_USER", "POSTGRES_DB"],
        ["quay.io/minio/minio"] = ["MINIO_ROOT_USER_FILE", "MINIO_ROOT_PASSWORD_FILE", "MC_CONFIG_DIR"],
    };

    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var (file, service) in topology.Services)
        {
            var known = Known(file, service);
            foreach (var name in service.Environment.Keys.Where(name => !known.Contains(name) && !IsCommon(name)))
                yield return $"{service.Name}: nothing reads {name}";
            if (K8sQueueImage.Of(file, service) is not { } own)
                continue;
            if (!service.Environment.ContainsKey($"{RedisQueueConfiguration.Prefix}{RedisQueueConfiguration.Address}"))
                yield return $"{service.Name}: it has no Redis";
            if (own.IsWorker && !service.Environment.Keys.Any(name => name is WorkerEnvironment.Handlers or WorkerEnvironment.Handlers + "_FILE"))
                yield return $"{service.Name}: it has no handlers";
            if (Refusal(service) is { } refusal)
                yield return $"{service.Name}: {refusal}";
        }
    }

    private static HashSet<string> Known(ComposeFile file, ComposeService service)
    {
        if (K8sQueueImage.Of(file, service) is { } own)
            return [.. own.IsWorker ? OfWorker() : OfApi().Concat(Cache), .. Queue];

        var placeholders = file.MountedFiles(service).SelectMany(mounted => CaddyPlaceholder().Matches(mounted.Text)).Select(match => match.Groups["name"].Value);
        return [.. placeholders, .. OfOthers.GetValueOrDefault(service.Repository) ?? []];
    }

    private static IEnumerable<string> OfWorker() =>
        Constants(typeof(WorkerEnvironment)).SelectMany(name => new[] { name, name + "_FILE" }).Concat(OfCommands);

    private static IEnumerable<string> OfApi() => Assembly.Load("K8sQueue.Api").GetTypes().SelectMany(Constants)
        .Where(name => name.StartsWith(RedisQueueConfiguration.Prefix, StringComparison.Ordinal)).Append(WorkerEnvironment.Routes);

    private static bool IsCommon(string name) => Common.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>What the options of the program say to the values; files are of the containers.</summary>
    private static string? Refusal(ComposeService service)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(service.Environment.Where(variable => !variable.Key.EndsWith("_FILE", StringComparison.Ordinal)).ToDictionary(
                variable => variable.Key, variable => (string?)variable.Value))
            .Build();
        try
        {
            new WorkerOptions().Bind(configuration);
            new RedisQueueOptions().Bind(configuration);
            return null;
        }
        catch (Exception e) when (e is WorkerConfigurationException or FormatException)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Where(field => field.IsLiteral).Select(field => field.GetRawConstantValue()).OfType<string>();

    [GeneratedRegex(@"\{\$(?<name>\w+)[:}]")]
    private static partial Regex CaddyPlaceholder();
}
