using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Tests.Http;

public sealed class AuditLogTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private HttpCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _cluster = await HttpCluster.StartAsync(options => options.AuditLog = _file);
        _cluster.Client.DefaultRequestHeaders.UserAgent.ParseAdd("auditor/1.0");
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        File.Delete(_file);
    }

    [Fact]
    public async Task Every_request_is_written_down_with_who_what_and_its_outcome()
    {
        await _cluster.SendAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"a"}}""");
        await _cluster.GetAsync($"{Maps}/missing");
        await _cluster.GetAsync("/apis/apps/v1/deployments");
        await _cluster.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/default/status", "{}", "application/merge-patch+json");
        await _cluster.SendAsync(HttpMethod.Delete, $"{Maps}?labelSelector=a%3Db", "{}");

        Summaries().Should().Equal(
            "create /configmaps default/a 201",
            "get /configmaps default/missing 404",
            "list apps/deployments / 200",
            "patch /namespaces/status /default 200",
            "deletecollection /configmaps default/ 200");
        var first = Lines()[0];
        first.TextAt("apiVersion").Should().Be("audit.k8s.io/v1");
        first.TextAt("userAgent").Should().Be("auditor/1.0");
        first.TextAt("user", "username").Should().Be("localcluster");
        first.TextAt("requestURI").Should().Be(Maps);
        first.TextAt("requestReceivedTimestamp").Should().MatchRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$");
    }

    [Fact]
    public async Task A_watch_is_written_down_when_it_begins()
    {
        await using var events = _cluster.WatchAsync($"{Maps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan").GetAsyncEnumerator();
        await events.MoveNextAsync();

        Summaries().Should().Equal("watch /configmaps default/ 200");
        Lines()[0].TextAt("stage").Should().Be("ResponseStarted");
    }

    [Fact]
    public async Task A_stranger_is_written_down_as_one()
    {
        using var stranger = _cluster.NewClient("wrong");

        await stranger.GetAsync(new Uri("/api/v1/pods", UriKind.Relative));

        Lines().Should().ContainSingle().Which.TextAt("user", "username").Should().Be("system:anonymous");
    }

    private IEnumerable<string> Summaries() => Lines().Select(line =>
    {
        var subresource = line.TextAt("objectRef", "subresource") is { } text ? $"/{text}" : "";
        return $"{line.TextAt("verb")} {line.TextAt("objectRef", "apiGroup")}/{line.TextAt("objectRef", "resource")}{subresource} "
            + $"{line.TextAt("objectRef", "namespace")}/{line.TextAt("objectRef", "name")} {line["responseStatus"]!["code"]}";
    });

    private List<JsonObject> Lines() => [.. File.ReadLines(_file).Select(line => (JsonObject)JsonNode.Parse(line)!)];
}
