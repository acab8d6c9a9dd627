using K8sQueue.Compose.Tests.Model;
using K8sQueue.Testing;

namespace K8sQueue.Compose.Tests.Run;

/// <summary>How an image's program is started here: by the words of the compose file, which are rewritten, and else as the image does.</summary>
internal static class LocalCommand
{
    public static string[] OfWorker { get; } = WorkerExecutable.Command(ProgramPath("K8sQueue.Worker"));

    public static string[] Of(ComposeFile file, ComposeService service, Func<string, string> rewrite) => K8sQueueImage.Of(file, service) is { } own
        ? Program(own)
        : service.Repository switch
        {
            "docker.io/library/redis" => [.. service.Command.Select(rewrite), "--bind", "127.0.0.1"],
            "docker.io/library/caddy" when service.Command.Count > 0 => [.. service.Command.Select(rewrite)],
            "docker.io/library/caddy" => ["caddy", "run", "--config", rewrite("/etc/caddy/Caddyfile"), "--adapter", "caddyfile"],
            "docker.io/nginxinc/nginx-unprivileged" => [Nginx, "-c", rewrite("/etc/nginx/nginx.conf"), "-g", "daemon off;"],
            _ => throw new NotSupportedException($"{service.Name}: {service.Image}"),
        };

    public static string[] OfHealthCheck(ComposeFile file, ComposeService service, int port, Func<string, string> rewrite)
    {
        string[] words = K8sQueueImage.Of(file, service) is { } own
            ? [.. Program(own), .. service.HealthTest.Skip(1 + own.EntryPoint.Count)]
            : [.. service.HealthTest.Skip(1).Select(rewrite)];
        return words[0] == "redis-cli" ? [words[0], "-p", $"{port}", .. words.Skip(1)] : words;
    }

    public static IEnumerable<(string Name, string Value)> Listener(ComposeFile file, ComposeService service, int port) => K8sQueueImage.Of(file, service) switch
    {
        { IsWorker: true } => [("K8SQUEUE_MANAGEMENT_PORT", $"{port}"), ("K8SQUEUE_MANAGEMENT_ADDRESS", "127.0.0.1")],
        { IsWorker: false } => [("ASPNETCORE_URLS", $"http://127.0.0.1:{port}")],
        null => [],
    };

    /// <summary>Debian keeps it out of the PATH of ordinary users.</summary>
    public static string Nginx => File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";

    private static string[] Program(K8sQueueImage image) => image.IsWorker ? OfWorker : ["dotnet", ProgramPath(image.Program)];

    // bin/<configuration>/net10.0/, as of this program.
    private static string ProgramPath(string program) => Path.Combine(
        RepositoryFolder.Root, program == "K8sQueue.Api" ? "api" : "worker", program, "bin",
        new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name, "net10.0", $"{program}.dll");
}
