using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet;
using K8sQueue.LocalCluster.Objects;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace K8sQueue.LocalCluster.Tests.Controllers;

/// <summary>API, controllers and kubelet in this process, pods as real child processes.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    private readonly TestCluster _cluster;
    private readonly string _data = Directory.CreateTempSubdirectory("k8squeue-localcluster-").FullName;
    private readonly List<IHostedService> _started = [];

    private RunningCluster(Action<IServiceCollection>? configure, Action<KubeletOptions>? kubelet)
    {
        var options = new KubeletOptions
        {
            DataDirectory = _data,
            BackOffScale = 0.02,
            ConfigurationRetry = TimeSpan.FromMilliseconds(50),
        };
        options.Images.Add("sleeper", ["sleep", "1000"]);
        kubelet?.Invoke(options);
        _cluster = new TestCluster(services =>
        {
            configure?.Invoke(services);
            services.AddClusterControllers();
            services.AddKubelet(options);
        });
    }

    public IClusterApi Api => _cluster.Api;

    public static async Task<RunningCluster> StartAsync(Action<IServiceCollection>? configure = null, Action<KubeletOptions>? kubelet = null)
    {
        var cluster = new RunningCluster(configure, kubelet);
        foreach (var service in cluster._cluster.Get<IEnumerable<IHostedService>>())
        {
            await service.StartAsync(CancellationToken.None);
            cluster._started.Add(service);
        }

        return cluster;
    }

    public JsonObject Pod(string name) => Api.Get(GroupResource.Pods, "default", name) ?? throw new InvalidOperationException($"There is no pod {name}.");

    public IReadOnlyList<JsonObject> Pods(string? selector = null) => Api.List(GroupResource.Pods, "default", selector);

    public bool Exists(string pod) => Api.Get(GroupResource.Pods, "default", pod) is not null;

    public string? PodDirectory(string pod) =>
        Directory.CreateDirectory(Path.Combine(_data, "pods")).GetDirectories($"default_{pod}_*").SingleOrDefault()?.FullName;

    public string Log(string pod, string container = "main")
    {
        var file = PodDirectory(pod) is not { } directory ? "" : Path.Combine(directory, $"{container}.log");
        return File.Exists(file) ? File.ReadAllText(file) : "";
    }

    public static JsonObject? State(JsonObject pod, string container = "main") =>
        pod.ObjectsAt("status", "containerStatuses").FirstOrDefault(c => c.TextAt("name") == container).MapAt("state");

    public IReadOnlyList<string> Events(string about) =>
        [.. Api.List(GroupResource.Events, "default").Where(e => e.TextAt("involvedObject", "name") == about).Select(e => e.TextAt("reason") ?? "")];

    public Task Eventually(Func<bool> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string expression = "") =>
        Testing.Eventually.IsTrue(condition, expression: expression);

    /// <summary>An event is written after the change that it tells of.</summary>
    public Task EventsCome(string about, params string[] reasons) =>
        Eventually(() => !reasons.Except(Events(about)).Any(), $"{string.Join(", ", reasons)} about {about}");

    public async Task StopAsync()
    {
        foreach (var service in Enumerable.Reverse(_started))
            await service.StopAsync(CancellationToken.None);
        _started.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _cluster.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>A pod of one container <c>main</c> that runs a shell script.</summary>
    public static JsonObject Script(string name, string script, Action<JsonObject>? pod = null, Action<JsonObject>? container = null)
    {
        var main = new JsonObject
        {
            ["name"] = "main",
            ["image"] = "any",
            ["command"] = new JsonArray("/bin/sh", "-c", script),
        };
        container?.Invoke(main);
        var built = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray(main) },
        };
        pod?.Invoke(built);
        return built;
    }

    public static JsonObject Deployment(string name, int replicas, string script = "sleep 1000") => new()
    {
        ["apiVersion"] = "apps/v1",
        ["kind"] = "Deployment",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["spec"] = new JsonObject
        {
            ["replicas"] = replicas,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name } },
                ["spec"] = new JsonObject
                {
                    ["terminationGracePeriodSeconds"] = 1,
                    ["containers"] = new JsonArray(new JsonObject
                    {
                        ["name"] = "main",
                        ["image"] = "any",
                        ["command"] = new JsonArray("/bin/sh", "-c", script),
                    }),
                },
            },
        },
    };
}
