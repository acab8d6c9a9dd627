using System.CommandLine;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Http;

namespace K8sQueue.LocalCluster.Hosting;

/// <summary>The command line.</summary>
internal static class LocalClusterCommand
{
    public static RootCommand Create()
    {
        var data = new Option<DirectoryInfo>("--data") { Description = "Where pods keep their logs and volumes.", Required = true };
        var port = new Option<int>("--port") { Description = "The port on 127.0.0.1; 0 takes a free one." };
        var kubeconfig = new Option<FileInfo>("--kubeconfig") { Description = "Where to write the kubeconfig.", Required = true };
        var image = new Option<string[]>("--image") { Description = "What an image runs: NAME=COMMAND. Repeatable." };
        var crds = new Option<DirectoryInfo[]>("--crds") { Description = "A directory of CustomResourceDefinitions to create at start. Repeatable." };
        var keda = new Option<bool>("--keda") { Description = "Whether ScaledObjects exist and are acted on.", DefaultValueFactory = _ => true };
        var horizontalSync = new Option<int>("--hpa-sync-seconds")
        {
            Description = "The period of the HorizontalPodAutoscaler's loop.",
            DefaultValueFactory = _ => 15,
        };
        var audit = new Option<FileInfo>("--audit-log")
        {
            Description = "Write a line of JSON for every request to this file, in the real server's format (audit.k8s.io/v1).",
        };
        var hollow = new Option<bool>("--hollow-pods") { Description = "Pods run nothing and are ready at once: for load tests." };
        var verbose = new Option<bool>("--verbose") { Description = "Log every request." };
        var command = new RootCommand("LocalCluster, a stand-in for development and CI: a Kubernetes API server on loopback whose pods are local processes.")
        {
            data, port, kubeconfig, image, crds, keda, horizontalSync, audit, hollow, verbose,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            new LocalClusterArguments(
                result.GetValue(data)!,
                result.GetValue(port),
                result.GetValue(kubeconfig)!,
                result.GetValue(image) ?? [],
                result.GetValue(crds) ?? [],
                result.GetValue(keda),
                TimeSpan.FromSeconds(result.GetValue(horizontalSync)),
                result.GetValue(audit),
                result.GetValue(hollow),
                result.GetValue(verbose)),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(LocalClusterArguments arguments, CancellationToken cancellationToken)
    {
        var options = new ApiServerOptions
        {
            Port = arguments.Port,
            DataDirectory = arguments.Data.FullName,
            AuditLog = arguments.AuditLog?.FullName,
        };
        try
        {
            await using var server = LocalClusterServer.Build(
                options, services => LocalClusterServices.Add(services, arguments), arguments.Verbose ? LogLevel.Debug : LogLevel.Warning);
            var loader = new ManifestLoader(server.Api);
            foreach (var directory in arguments.Definitions)
                loader.LoadDefinitions(directory.FullName);
            await server.StartAsync(cancellationToken);
            server.WriteKubeconfig(arguments.Kubeconfig.FullName);
            Console.WriteLine($"LocalCluster (a stand-in for development and CI) is ready: {server.Url} KUBECONFIG={arguments.Kubeconfig.FullName}");
            await server.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
        catch (Exception e) when (e is ClusterApiException or IOException or UnauthorizedAccessException or FormatException or YamlDotNet.Core.YamlException)
        {
            await Console.Error.WriteLineAsync($"LocalCluster can't start: {e.Message}");
            return 1;
        }
    }
}

/// <summary>What the command line says.</summary>
internal sealed record LocalClusterArguments(
    DirectoryInfo Data,
    int Port,
    FileInfo Kubeconfig,
    IReadOnlyList<string> Images,
    IReadOnlyList<DirectoryInfo> Definitions,
    bool Keda,
    TimeSpan HorizontalSyncPeriod,
    FileInfo? AuditLog,
    bool HollowPods,
    bool Verbose);
