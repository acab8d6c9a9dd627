using K8sQueue.Compose.Tests.Model;
using K8sQueue.Testing;

namespace K8sQueue.Compose.Tests.Run;

/// <summary>The PostgreSQL of a topology: its settings, and what it runs when the database is made.</summary>
internal static class LocalDatabase
{
    private const string Scripts = "/docker-entrypoint-initdb.d/";

    public static async Task<PostgresServer> StartAsync(LocalMap map, ComposeFile file, ComposeService service)
    {
        var server = await PostgresServer.StartAsync([.. service.Command.Skip(1).Where(word => word != "-c")]);
        try
        {
            map.SetPort(service.Name, service.Exposed.Single(), server.Port);
            map.Prepare(file, service);
            var scripts = file.MountedFiles(service).Select(mounted => mounted.Path).Where(path => path.StartsWith(Scripts, StringComparison.Ordinal));
            foreach (var path in scripts.Order(StringComparer.Ordinal))
                await server.ExecuteAsync(await File.ReadAllTextAsync(map.PathOf(service, path)));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
