using System.Diagnostics;
using System.Net;
using K8sQueue.Compose.Tests.Model;
using K8sQueue.Testing;

namespace K8sQueue.Compose.Tests.Run;

/// <summary>A topology as processes of this machine, from Debian's packages and what is built here, through its own configuration files.</summary>
public abstract class LocalTopology : IAsyncLifetime
{
    // They are there for applications; no program of this repository talks to them.
    private static readonly string[] NotRun = ["docker.io/library/rabbitmq", "quay.io/minio/minio"];

    private readonly string _folder = Directory.CreateTempSubdirectory("k8squeue-compose-").FullName;
    private readonly List<LocalService> _services = [];
    private readonly Topology _topology;
    private readonly LocalMap _map;

    protected LocalTopology(string name)
    {
        _topology = Topology.Load(name);
        _map = new LocalMap(_topology, _folder);
    }

    /// <summary>Goes with it.</summary>
    internal string Folder => _folder;

    internal TestApplication Application { get; private set; } = null!;

    internal PostgresServer? Database { get; private set; }

    internal FrontDoor FrontDoor { get; private set; } = null!;

    /// <summary>The replicas of a service.</summary>
    internal IReadOnlyList<LocalService> this[string name] => [.. _services.Where(service => service.Name == name)];

    internal IEnumerable<LocalService> Workers => _services.Where(service => service.Definition.HealthTest.Contains("/app/K8sQueue.Worker"));

    internal IEnumerable<LocalService> Apis => _services.Where(service => service.Definition.HealthTest.Contains("/app/K8sQueue.Api.dll"));

    /// <summary>A file that a service of the first compose file has in its container.</summary>
    internal string PathOf(string service, string path) => _map.PathOf(this[service][0].Definition, path);

    internal string Secret(string folder, string name) => File.ReadAllText(Path.Combine(_map.TopologyFolder, folder, "secrets", name)).TrimEnd('\n');

    public async Task InitializeAsync()
    {
        try
        {
            await StartAsync();
        }
        catch
        {
            // Nobody else would, and its processes would stay.
            await DisposeAsync();
            throw;
        }
    }

    public async Task DisposeAsync()
    {
        FrontDoor?.Dispose();
        foreach (var service in Enumerable.Reverse(_services))
            await service.DisposeAsync();
        if (Application is not null)
            await Application.DisposeAsync();
        if (Database is not null)
            await Database.DisposeAsync();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private protected abstract FrontDoor OpenFrontDoor();

    private async Task StartAsync()
    {
        await MakeSecretsAsync();
        var waiting = _topology.Services.Where(pair => !NotRun.Contains(pair.Service.Repository)).ToList();
        while (waiting.Count > 0)
        {
            // In the order that the engine would start them.
            var next = waiting.First(pair => !pair.Service.DependsOn.Keys.Intersect(waiting.Select(other => other.Service.Name)).Any());
            waiting.Remove(next);
            await StartAsync(next.File, next.Service);
        }

        FrontDoor = OpenFrontDoor();
        await Eventually.Passes(async () => (await FrontDoor.GetAsync("readyz")).Status.Should().Be(HttpStatusCode.OK));
    }

    private async Task StartAsync(ComposeFile file, ComposeService service)
    {
        if (service.Name == "app")
        {
            Application = await TestApplication.StartAsync(_map.PortOf(service.Name, service.Exposed.Single()));
            return;
        }

        if (service.Repository.EndsWith("/postgres", StringComparison.Ordinal))
        {
            Database = await LocalDatabase.StartAsync(_map, file, service);
            return;
        }

        var replicas = Enumerable.Range(1, service.Replicas).Select(replica => new LocalService(_map, file, service, replica, _folder)).ToList();
        _services.AddRange(replicas);
        await Task.WhenAll(replicas.Select(replica => replica.StartAsync()));
    }

    private async Task MakeSecretsAsync()
    {
        foreach (var file in _topology.Files)
            Directory.CreateDirectory(Path.Combine(_map.TopologyFolder, file.Folder));
        var start = new ProcessStartInfo(Path.Combine(Topology.Root, "make-secrets"), [_topology.Name, _map.TopologyFolder]) { RedirectStandardOutput = true };
        using var make = Process.Start(start)!;
        await make.StandardOutput.ReadToEndAsync();
        await make.WaitForExitAsync();
        make.ExitCode.Should().Be(0);
    }
}
