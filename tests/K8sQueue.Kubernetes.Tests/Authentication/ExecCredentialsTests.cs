using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Authentication;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Kubernetes.Tests.Authentication;

[UnsupportedOSPlatform("windows")]
public sealed class ExecCredentialsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-exec-").FullName;
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_plugin_gets_arguments_environment_and_the_cluster_and_gives_a_token()
    {
        Script("""
            printf '%s' "$KUBERNETES_EXEC_INFO" > "$(dirname "$0")/info.json"
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'"$1-$NAME"'"}}'
            """);

        var credential = await Load("args: [two words], env: [{name: NAME, value: env value}], provideClusterInfo: true").GetAsync(default);

        credential.Token.Should().Be("two words-env value");
        var info = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_directory, "info.json")))!;
        ((string?)info["kind"]).Should().Be("ExecCredential");
        ((bool?)info["spec"]!["interactive"]).Should().BeFalse();
        ((string?)info["spec"]!["cluster"]!["server"]).Should().Be("https://h");
    }

    [Fact]
    public async Task A_token_is_kept_until_it_expires_or_is_refused_and_many_callers_start_one_plugin()
    {
        Script("""
            echo x >> "$(dirname "$0")/runs"
            n=$(wc -l < "$(dirname "$0")/runs")
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t'"$(echo $n)"'","expirationTimestamp":"2026-05-01T12:30:00Z"}}'
            """);
        var credentials = Load();

        var many = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => credentials.GetAsync(default).AsTask()));
        many.Should().OnlyContain(c => c.Token == "t1");
        credentials.Invalidate(many[0]);
        credentials.Invalidate(many[1]);
        (await credentials.GetAsync(default)).Token.Should().Be("t2");
        credentials.Invalidate(many[0]);
        (await credentials.GetAsync(default)).Token.Should().Be("t2", "the refusal was of an older one");
        _time.Advance(TimeSpan.FromMinutes(31));

        (await credentials.GetAsync(default)).Token.Should().Be("t3");
    }

    [Fact]
    public async Task A_certificate_is_taken_too()
    {
        using var authority = TestCertificates.Authority("ca");
        using var leaf = TestCertificates.Leaf(authority, "jane");
        var answer = new JsonObject
        {
            ["apiVersion"] = "client.authentication.k8s.io/v1",
            ["kind"] = "ExecCredential",
            ["status"] = new JsonObject { ["clientCertificateData"] = leaf.ExportCertificatePem(), ["clientKeyData"] = TestCertificates.KeyPem(leaf) },
        };
        await File.WriteAllTextAsync(Path.Combine(_directory, "answer.json"), answer.ToJsonString());
        Script("""cat "$(dirname "$0")/answer.json" """);

        var credential = await Load().GetAsync(default);

        credential.ClientCertificate!.Thumbprint.Should().Be(leaf.Thumbprint);
        credential.ClientCertificate.HasPrivateKey.Should().BeTrue();
    }

    [Theory]
    [InlineData("echo oops >&2; exit 3", "*ended with 3: oops*")]
    [InlineData("echo not json", "*no JSON*")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"t"}}'""", "*no ExecCredential of client.authentication.k8s.io/v1.*")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}'""", "*neither a token nor a certificate*")]
    public async Task A_plugin_that_fails_is_quoted(string script, string message)
    {
        Script(script);

        var get = () => Load().GetAsync(default).AsTask();

        await get.Should().ThrowAsync<KubeConfigException>().WithMessage(message);
    }

    [Fact]
    public async Task A_plugin_that_is_not_installed_comes_with_its_hint()
    {
        var get = () => Load("installHint: get it there").GetAsync(default).AsTask();

        await get.Should().ThrowAsync<KubeConfigException>().WithMessage("*plugin*get it there*");
    }

    [Fact]
    public async Task A_plugin_that_hangs_is_ended_after_a_minute()
    {
        Script("touch \"$(dirname \"$0\")/started\"; sleep 600");
        var get = Load().GetAsync(default).AsTask();
        await Eventually.IsTrue(() => File.Exists(Path.Combine(_directory, "started")));

        _time.Advance(TimeSpan.FromMinutes(1));

        var failure = () => get;
        await failure.Should().ThrowAsync<KubeConfigException>().WithMessage("*60 s*");
    }

    [Fact]
    public async Task A_run_goes_on_though_the_request_that_began_it_was_given_up()
    {
        Script("""
            echo x >> "$(dirname "$0")/runs"
            while [ ! -e "$(dirname "$0")/go" ]; do sleep 0.02; done
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'
            """);
        var credentials = Load();
        using var given = new CancellationTokenSource();
        var first = credentials.GetAsync(given.Token).AsTask();
        await Eventually.IsTrue(() => File.Exists(Path.Combine(_directory, "runs")));

        await given.CancelAsync();
        var waiting = () => first;
        await waiting.Should().ThrowAsync<OperationCanceledException>();
        await File.WriteAllTextAsync(Path.Combine(_directory, "go"), "", CancellationToken.None);

        (await credentials.GetAsync(CancellationToken.None)).Token.Should().Be("t");
        (await File.ReadAllLinesAsync(Path.Combine(_directory, "runs"), CancellationToken.None)).Should().ContainSingle();
    }

    [Fact]
    public async Task A_plugin_that_fails_is_left_alone_for_a_while_and_then_tried_again()
    {
        Script("""
            echo x >> "$(dirname "$0")/runs"
            [ -e "$(dirname "$0")/ok" ] || exit 1
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'
            """);
        var credentials = Load();
        var get = () => credentials.GetAsync(default).AsTask();

        await get.Should().ThrowAsync<KubeConfigException>();
        await get.Should().ThrowAsync<KubeConfigException>();
        (await File.ReadAllLinesAsync(Path.Combine(_directory, "runs"))).Should().ContainSingle();
        await File.WriteAllTextAsync(Path.Combine(_directory, "ok"), "");
        _time.Advance(ExecCredentials.FailurePause);

        (await get()).Token.Should().Be("t");
    }

    [Theory]
    [InlineData("""echo '{"status":{"token":"hunter2"}}'""")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"hunter2"'""")]
    [InlineData("echo hunter2; exit 4")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"clientCertificateData":"hunter2","clientKeyData":"hunter2"}}'""")]
    public async Task No_error_has_any_of_what_the_plugin_answered(string script)
    {
        Script(script);

        var get = () => Load().GetAsync(default).AsTask();

        (await get.Should().ThrowAsync<KubeConfigException>()).Which.ToString().Should().NotContain("hunter2");
    }

    [Fact]
    public async Task An_answer_without_end_is_refused_and_a_long_complaint_is_cut()
    {
        Script("head -c 3000000 /dev/zero | tr '\\0' x");
        var get = () => Load().GetAsync(default).AsTask();
        await get.Should().ThrowAsync<KubeConfigException>().WithMessage("*more than*");

        Script("head -c 300000 /dev/zero | tr '\\0' x >&2; exit 1");
        (await get.Should().ThrowAsync<KubeConfigException>()).Which.Message.Length.Should().BeLessThan(1000);
    }

    private void Script(string body)
    {
        var path = Path.Combine(_directory, "plugin");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private ICredentialSource Load(string more = "")
    {
        var path = Path.Combine(_directory, "config");
        File.WriteAllText(path, $$"""
            current-context: x
            clusters:
            - {name: c, cluster: {server: "https://h"} }
            users:
            - name: u
              user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: Never{{(more.Length == 0 ? "" : ", " + more)}} } }
            contexts:
            - {name: x, context: {cluster: c, user: u} }
            """);
        return KubeConfig.Load([path], time: _time).Credentials;
    }
}
