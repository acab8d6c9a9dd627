using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using K8sQueue.Compose.Tests.Model;
using K8sQueue.Testing;

namespace K8sQueue.Compose.Tests;

/// <summary><c>deploy/compose/make-secrets</c>.</summary>
public sealed class MakeSecretsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("k8squeue-secrets-").FullName;

    public static TheoryData<string> Topologies => [.. Topology.Names];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task It_makes_every_secret_that_is_declared_for_containers_to_read_and_nobody_else(string topology)
    {
        await MakeAsync(topology);

        foreach (var file in Topology.Load(topology).Files)
        {
            foreach (var path in file.Secrets.Values.Select(secret => Path.Combine(_folder, file.PathOf(secret[2..]))))
            {
                new FileInfo(path).Length.Should().BePositive();
                File.GetUnixFileMode(path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
                File.GetUnixFileMode(Path.GetDirectoryName(path)!).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task Again_it_changes_nothing_and_what_was_deleted_it_makes_anew(string topology)
    {
        await MakeAsync(topology);
        var before = Read();

        (await MakeAsync(topology)).Should().BeEmpty();
        Read().Should().Equal(before);

        var key = before.Keys.Where(name => Path.GetFileName(name) is "api-key" or "api-keys").ToList();
        key.ForEach(File.Delete);
        (await MakeAsync(topology)).Should().Be(string.Concat(key.Select(name => name + "\n")));
        Read().Where(secret => before[secret.Key] != secret.Value).Select(secret => secret.Key).Should().Equal(key);
    }

    [Fact]
    public async Task The_servers_have_hashes_and_the_others_what_they_are_of()
    {
        await MakeAsync("single-host");
        string Secret(string name) => File.ReadAllText(Path.Combine(_folder, "secrets", name)).TrimEnd('\n');
        string Hash(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Secret(name))));

        Secret("redis-queue-users").Should().Contain($" #{Hash("redis-queue-password")} ");
        Secret("redis-cache-users").Should().Contain($" #{Hash("redis-cache-password")} ");
        Secret("api-keys").Should().Be($"first:{Hash("api-key")}");
        Secret("api-key").Should().MatchRegex("^k8sq_[0-9a-f]{64}$");
        Secret("app-database-service").Should().EndWith($"\npassword={Secret("app-database-password")}");
    }

    [Fact]
    public async Task The_parts_of_the_distributed_one_have_the_same_password()
    {
        await MakeAsync("distributed");

        new[] { "infrastructure", "app", "jobs" }.Select(part => File.ReadAllText(Path.Combine(_folder, part, "secrets", "redis-queue-password")))
            .Distinct().Should().ContainSingle();
    }

    [Theory]
    [InlineData("elsewhere")]
    [InlineData("")]
    public async Task What_it_does_not_know_it_says_how_to_use(string topology)
    {
        var (code, _, error) = await RunAsync(topology, _folder);

        code.Should().Be(2);
        error.Should().StartWith("usage: deploy/compose/make-secrets single-host|simple|distributed");
    }

    [Fact]
    public void Git_ignores_them_all() => File.ReadAllLines(Path.Combine(RepositoryFolder.Root, ".gitignore"))
        .Should().Contain("deploy/compose/**/secrets/").And.Contain("deploy/compose/**/.env");

    private async Task<string> MakeAsync(string topology)
    {
        var (code, output, error) = await RunAsync(topology, _folder);
        code.Should().Be(0, error);
        return output;
    }

    private Dictionary<string, string> Read() =>
        Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Order().ToDictionary(path => path, File.ReadAllText);

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var make = Process.Start(new ProcessStartInfo(Path.Combine(Topology.Root, "make-secrets"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = make.StandardError.ReadToEndAsync();
        var output = await make.StandardOutput.ReadToEndAsync();
        await make.WaitForExitAsync();
        return (make.ExitCode, output, await error);
    }
}
