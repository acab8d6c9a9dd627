using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>What helm test runs: <c>K8sQueue.Worker check</c>, over a real API and a real Redis.</summary>
public sealed class CheckTests : IAsyncLifetime
{
    private const string Key = "k8sq_a-key-for-the-check";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-check-").FullName;
    private readonly string _url = $"http://127.0.0.1:{FreePort.Next()}";
    private RedisServer _redis = null!;
    private ChildProgram _api = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _api = StartApi("api", ("ASPNETCORE_URLS", _url));
        try
        {
            await ReadyAsync(_api, _url);
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
        await _api.DisposeAsync();
        await _redis.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_job_that_went_through_API_and_worker_is_told_and_leaves_nothing_in_the_queue()
    {
        (await CheckAsync()).Succeeded().Should().MatchRegex("^k8squeue-check\\.\\S+ went in through the API and was done in [0-9.]+ s\\.\n$");
        (await CheckAsync()).Succeeded();

        using var http = new HttpClient { DefaultRequestHeaders = { { "X-Api-Key", Key } } };
        (await http.GetStringAsync(new Uri($"{_url}/v1/queues/k8squeue-check"))).Should().Contain("\"demand\":0").And.Contain("\"consumers\":0");
    }

    [Fact]
    public async Task An_API_that_is_still_starting_is_waited_for()
    {
        var port = FreePort.Next();
        var url = $"http://127.0.0.1:{port}";
        var check = CheckAsync(("K8SQUEUE_CHECK_API", url));

        // Until it has asked for the first time, in vain.
        using (var listener = new TcpListener(IPAddress.Loopback, port))
        {
            listener.Start();
            using var asked = await listener.AcceptSocketAsync();
        }

        await using var api = StartApi("late", ("ASPNETCORE_URLS", url));

        (await check).Succeeded();
    }

    [Fact]
    public async Task A_key_that_the_API_does_not_know_is_named()
    {
        var check = await CheckAsync(("K8SQUEUE_CHECK_API_KEY", "k8sq_wrong"));

        check.ExitCode.Should().Be(1);
        check.Error.Should().Contain("the API does not know the key of K8SQUEUE_CHECK_API_KEY");
    }

    [Fact]
    public async Task Another_Redis_than_the_APIs_is_suspected()
    {
        await using var other = await RedisServer.StartAsync();

        await ShouldFailAsync(
            ["not done within 3 s", "(waiting)", "K8SQUEUE_REDIS_ADDRESS"], ("K8SQUEUE_REDIS_ADDRESS", other.Address), ("K8SQUEUE_CHECK_TIMEOUT_SECONDS", "3"));
    }

    [Fact]
    public Task An_API_that_is_not_there_is_told_with_the_reason() => ShouldFailAsync(
        ["not done within 1 s", "refused"], ("K8SQUEUE_CHECK_API", $"http://127.0.0.1:{FreePort.Next()}"), ("K8SQUEUE_CHECK_TIMEOUT_SECONDS", "1"));

    [Theory]
    [InlineData("K8SQUEUE_CHECK_API", "", "K8SQUEUE_CHECK_API is missing")]
    [InlineData("K8SQUEUE_CHECK_API", "redis:6379", "must be an http or https address")]
    [InlineData("K8SQUEUE_CHECK_API_KEY", "", "K8SQUEUE_CHECK_API_KEY is missing")]
    [InlineData("K8SQUEUE_CHECK_TIMEOUT_SECONDS", "0", "from 1 to 3600")]
    [InlineData("K8SQUEUE_CHECK_CERTIFICATE_FILE", "/no/such/file", "K8SQUEUE_CHECK_CERTIFICATE_FILE")]
    [InlineData("K8SQUEUE_REDIS_ADDRESS", "", "REDIS_ADDRESS is missing")]
    public async Task A_wrong_setting_is_named(string variable, string value, string message)
    {
        var check = await CheckAsync((variable, value));

        check.ExitCode.Should().Be(78);
        check.Error.Should().Contain(message);
    }

    [Fact]
    public async Task Over_TLS_the_certificate_of_the_chart_is_trusted_whatever_its_name_and_no_other_is_until_it_is_renewed()
    {
        var (certificate, other) = (WriteCertificate("api"), WriteCertificate("other"));
        var url = $"https://127.0.0.1:{FreePort.Next()}";
        // The variables of the chart, with paths of this machine.
        var container = Rendered.Containers((await Helm.RenderAsync("api: {enabled: true, redis: {address: 'r:6379'}, tls: {secretName: tls}}"))
            .Pods().Single(pod => pod.Of == "k8squeue-api").Spec).Single();
        string Of(string name) => container.ObjectsAt("env").Single(variable => variable.TextAt("name") == name).TextAt("value")!;
        await using var api = StartApi(
            "tls",
            ("ASPNETCORE_URLS", Of("ASPNETCORE_URLS").Replace("https://0.0.0.0:8080", url, StringComparison.Ordinal)),
            ("Kestrel__Certificates__Default__Path", Of("Kestrel__Certificates__Default__Path").Replace("/run/secrets/tls", certificate, StringComparison.Ordinal)),
            ("Kestrel__Certificates__Default__KeyPath", Of("Kestrel__Certificates__Default__KeyPath").Replace("/run/secrets/tls", certificate, StringComparison.Ordinal)));

        await ReadyAsync(api, url);

        (await CheckAsync(("K8SQUEUE_CHECK_API", url), ("K8SQUEUE_CHECK_CERTIFICATE_FILE", $"{certificate}/tls.crt"))).Succeeded();
        await ShouldFailAsync(
            ["SSL"], ("K8SQUEUE_CHECK_API", url), ("K8SQUEUE_CHECK_CERTIFICATE_FILE", $"{other}/tls.crt"), ("K8SQUEUE_CHECK_TIMEOUT_SECONDS", "2"));

        foreach (var name in new[] { "tls.crt", "tls.key" })
            File.Copy(Path.Combine(other, name), Path.Combine(certificate, name), overwrite: true);
        (await CheckAsync(("K8SQUEUE_CHECK_API", url), ("K8SQUEUE_CHECK_CERTIFICATE_FILE", $"{other}/tls.crt"))).Succeeded();
    }

    private ChildProgram StartApi(string log, params (string Name, string Value)[] settings) => ChildProgram.Start(
        Path.Combine(_directory, $"{log}.log"),
        new Dictionary<string, string>(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value)))
        {
            ["K8SQUEUE_REDIS_ADDRESS"] = _redis.Address,
            ["K8SQUEUE_API_KEYS"] = $"check:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))}",
        },
        "dotnet", Programs.Api);

    private static async Task ReadyAsync(ChildProgram api, string url)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = static (_, shown, _, _) => shown is not null };
        using var http = new HttpClient(handler);
        await Eventually.IsTrue(
            async () =>
            {
                api.ThrowIfEnded();
                try
                {
                    using var answer = await http.GetAsync(new Uri($"{url}/readyz"));
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false; // it does not listen yet
                }
            },
            Patience,
            "the API is ready");
    }

    /// <summary>A folder as a Secret of type kubernetes.io/tls is mounted.</summary>
    private string WriteCertificate(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_directory, name)).FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest($"CN={name}.example.org", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Path.Combine(folder, "tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        return folder;
    }

    // On a busy machine the little time that it has may be over before it has come so far as to know what is wrong.
    private Task ShouldFailAsync(string[] messages, params (string Name, string Value)[] settings) => Eventually.Passes(
        async () =>
        {
            var check = await CheckAsync(settings);
            check.ExitCode.Should().Be(1);
            check.Error.Should().ContainAll(messages);
        },
        Patience);

    private Task<Command> CheckAsync(params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["K8SQUEUE_REDIS_ADDRESS"] = _redis.Address,
            ["K8SQUEUE_CHECK_API"] = _url,
            ["K8SQUEUE_CHECK_API_KEY"] = Key,
            ["K8SQUEUE_CHECK_TIMEOUT_SECONDS"] = "300",
        };
        foreach (var (name, value) in settings)
            environment[name] = value;
        return Command.RunAsync(Programs.Worker[0], [.. Programs.Worker.Skip(1), "check"], environment);
    }
}
