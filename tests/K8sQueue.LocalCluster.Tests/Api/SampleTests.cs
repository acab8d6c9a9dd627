using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using K8sQueue.LocalCluster.Admission;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Hosting;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.LocalCluster.Tests.Api;

/// <summary>What samples/ and docs/reference/queues.md show is valid by schema and rules, and has no field that nobody knows.</summary>
public sealed partial class SampleTests : IDisposable
{
    private static readonly string[] Kinds =
    [
        "k8squeue", "bullmq", "celery", "sidekiq", "redisList", "redisStream", "rabbitmq", "postgresql", "kafka", "sqs", "prometheus", "keda",
    ];

    private static readonly string Folder = Path.Combine(RepositoryFolder.Root, "samples");

    private readonly TestCluster _cluster = new(services => services.AddSingleton<IValidationRuleSource, OperatorValidationRules>());

    public SampleTests() => new ManifestLoader(_cluster.Api).LoadDefinitions(Path.Combine(RepositoryFolder.Root, "crds"));

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.yaml").Select(path => Path.GetFileName(path))];

    /// <summary>The fenced YAML of the reference, by its number.</summary>
    public static TheoryData<int> Fences => [.. Enumerable.Range(0, FencesOf().Count)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_sample_is_accepted(string file)
    {
        foreach (var document in Documents(file).Where(document => document.TextAt("apiVersion")!.StartsWith("k8squeue.io/", StringComparison.Ordinal)))
            Accepts(document);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_worker_of_K8sQueues_own_has_the_image_of_the_chart_and_says_what_runs_its_jobs(string file)
    {
        foreach (var worker in Documents(file).Where(document => document.TextAt("kind") == "WorkerPool").Select(Worker))
        {
            var image = worker.TextAt("image")!;
            if (!image.Contains("k8squeue/", StringComparison.Ordinal))
                continue;

            image.Should().Be(ChartImage("worker"));
            var handlers = worker["env"]!.AsArray().Single(variable => variable.TextAt("name") == "K8SQUEUE_HANDLERS").TextAt("value")!;
            ((JsonObject)JsonNode.Parse(handlers)!).Should().NotBeEmpty().And.OnlyContain(handler => handler.Value!["http"] != null || handler.Value["exec"] != null);
        }
    }

    [Theory]
    [MemberData(nameof(Fences))]
    public void A_fence_of_the_queues_reference_is_accepted_in_a_pool(int number)
    {
        var fence = Parse(FencesOf()[number]);

        Accepts(fence is JsonArray queues
            ? Pool(queues, new JsonObject { ["maxReplicas"] = 10 })
            : Pool((JsonArray)Parse("[{name: a, keda: {type: cpu}}]"), (JsonObject)fence));
    }

    [Fact]
    public void Every_kind_has_a_sample_and_a_section_of_the_reference()
    {
        var samples = string.Concat(Directory.GetFiles(Folder, "*.yaml").Select(File.ReadAllText));
        var reference = Reference();

        Kinds.Should().OnlyContain(kind => samples.Contains($"\n    {kind}:", StringComparison.Ordinal))
            .And.OnlyContain(kind => reference.Contains($"\n## {kind}\n", StringComparison.Ordinal));
    }

    public void Dispose() => _cluster.Dispose();

    private static IEnumerable<JsonObject> Documents(string file) => YamlReader.ReadAll(File.ReadAllText(Path.Combine(Folder, file))).Cast<JsonObject>();

    private static JsonObject Worker(JsonObject pool) => (JsonObject)pool["spec"]!["template"]!["spec"]!["containers"]![0]!;

    /// <summary>What an installation with no values of its own runs.</summary>
    private static string ChartImage(string name)
    {
        var chart = Path.Combine(RepositoryFolder.Root, "charts", "k8squeue");
        var version = Parse(File.ReadAllText(Path.Combine(chart, "Chart.yaml"))).TextAt("appVersion");
        return $"{Parse(File.ReadAllText(Path.Combine(chart, "values.yaml"))).TextAt("image", "registry")}/{name}:{version}";
    }

    private void Accepts(JsonObject value)
    {
        value["metadata"]!["namespace"] = "default";
        var resource = value.TextAt("kind") == "WorkerPool" ? GroupResource.WorkerPools : new GroupResource("k8squeue.io", "connectionbudgets");

        var made = _cluster.Api.Create(resource, (JsonObject)value.DeepClone());

        Missing(value["spec"]!, made["spec"]!, "spec").Should().BeEmpty("an unknown field is pruned");
    }

    private static IEnumerable<string> Missing(JsonNode? written, JsonNode? stored, string path) => (written, stored) switch
    {
        (JsonObject map, JsonObject kept) => map.SelectMany(field => kept.ContainsKey(field.Key) ? Missing(field.Value, kept[field.Key], $"{path}.{field.Key}") : [$"{path}.{field.Key}"]),
        (JsonArray list, JsonArray kept) => list.Zip(kept).SelectMany((pair, i) => Missing(pair.First, pair.Second, FormattableString.Invariant($"{path}[{i}]"))),
        _ => [],
    };

    private static JsonObject Pool(JsonArray queues, JsonObject scaling) => new()
    {
        ["apiVersion"] = "k8squeue.io/v1alpha1",
        ["kind"] = "WorkerPool",
        ["metadata"] = new JsonObject { ["name"] = "pool" },
        ["spec"] = new JsonObject
        {
            ["queues"] = queues,
            ["scaling"] = scaling,
            ["template"] = Samples.Parse("""{"spec":{"containers":[{"name":"w","image":"i"}]}}"""),
        },
    };

    private static List<string> FencesOf() => [.. Fence().Matches(Reference()).Select(match => match.Groups["yaml"].Value)];

    private static string Reference() => File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "reference", "queues.md"));

    private static JsonNode Parse(string yaml) => YamlReader.ReadAll(yaml).Single();

    [GeneratedRegex("```yaml\n(?<yaml>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
