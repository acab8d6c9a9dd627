using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests.Support;

/// <summary>The real helm: of K8SQUEUE_HELM, or on the PATH.</summary>
internal static class Helm
{
    public const string Release = "k8squeue";

    public static readonly string Chart = Path.Combine(RepositoryFolder.Root, "charts", "k8squeue");

    // Its caches and settings are no business of the person who runs the tests.
    private static readonly string Home = Directory.CreateTempSubdirectory("k8squeue-helm-").FullName;

    public static string Program { get; } = Environment.GetEnvironmentVariable("K8SQUEUE_HELM") is { Length: > 0 } path ? path : "helm";

    public static Task<Command> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string>(), arguments);

    public static Task<Command> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments) => Command.RunAsync(
        Program,
        arguments,
        new Dictionary<string, string>(environment) { ["HELM_CACHE_HOME"] = Home, ["HELM_CONFIG_HOME"] = Home, ["HELM_DATA_HOME"] = Home });

    /// <summary>helm template with values as YAML; pools may be among them.</summary>
    public static Task<Command> TemplateAsync(string values, params string[] arguments) => TemplateAsync((Release, "k8squeue-system"), values, arguments);

    public static async Task<Command> TemplateAsync((string Release, string Namespace) into, string values, params string[] arguments)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, values);
            return await RunAsync(
                ["template", into.Release, Chart, "-n", into.Namespace, "-f", file, "--api-versions", "k8squeue.io/v1alpha1/WorkerPool", .. arguments]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The objects that come of values.</summary>
    public static async Task<IReadOnlyList<JsonObject>> RenderAsync(string values, params string[] arguments) =>
        Read((await TemplateAsync(values, arguments)).Succeeded());

    /// <summary>The objects of YAML.</summary>
    public static IReadOnlyList<JsonObject> Read(string yaml) => [.. YamlReader.ReadAll(yaml).Cast<JsonObject>()];
}
