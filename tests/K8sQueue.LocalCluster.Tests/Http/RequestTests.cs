using System.Net;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Hosting;
using K8sQueue.LocalCluster.Http;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Tests.Http;

public sealed class RequestTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private HttpCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await HttpCluster.StartAsync(o => o.MaxBodyBytes = 64 * 1024);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task Nobody_gets_in_without_the_token(string? token)
    {
        using var stranger = _cluster.NewClient(token);

        (await stranger.GetAsync(new Uri("/api/v1/pods", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await stranger.GetAsync(new Uri("/readyz", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_kubeconfig_is_its_owners_alone()
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var server = LocalClusterServer.Build(new ApiServerOptions { DataDirectory = Path.GetTempPath(), Token = "sesame" });
        await server.StartAsync();

        server.WriteKubeconfig(file);

        File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await File.ReadAllTextAsync(file)).Should().Contain("token: sesame").And.Contain("certificate-authority-data:");
        File.Delete(file);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        var (code, body) = await _cluster.SendAsync(HttpMethod.Post, Maps, new string(' ', 70_000) + "{}");

        code.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        body.TextAt("reason").Should().Be("RequestEntityTooLarge");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"metadata":{"name":"a","name":"b"}}""")]
    [InlineData("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}""")]
    [InlineData("""{"metadata":"a"}""")]
    public async Task A_body_that_makes_no_sense_is_a_bad_request(string text)
    {
        var (code, body) = await _cluster.SendAsync(HttpMethod.Post, Maps, text);

        code.Should().Be(HttpStatusCode.BadRequest);
        body.TextAt("kind").Should().Be("Status");
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("-dash")]
    [InlineData("under_score")]
    public async Task A_name_follows_RFC_1123(string name)
    {
        var (code, body) = await _cluster.SendAsync(HttpMethod.Post, Maps, $$"""{"metadata":{"name":"{{name}}"} }""");

        code.Should().Be(HttpStatusCode.UnprocessableEntity);
        body.TextAt("message").Should().Contain("metadata.name: Invalid value").And.Contain("RFC 1123 subdomain");
    }

    [Fact]
    public async Task A_generated_name_starts_with_its_prefix()
    {
        var (_, body) = await _cluster.SendAsync(HttpMethod.Post, Maps, """{"metadata":{"generateName":"job-"}}""");

        body.Name().Should().MatchRegex("^job-[a-z0-9]{5}$");
    }

    [Fact]
    public async Task An_update_of_an_old_version_is_a_conflict()
    {
        var (_, created) = await _cluster.SendAsync(HttpMethod.Post, Maps, Samples.ConfigMap("a").ToJsonString());
        created.Need("data")["a"] = "2";
        var first = await _cluster.SendAsync(HttpMethod.Put, $"{Maps}/a", created.ToJsonString());
        created.Need("data")["a"] = "3";

        var second = await _cluster.SendAsync(HttpMethod.Put, $"{Maps}/a", created.ToJsonString());

        first.Code.Should().Be(HttpStatusCode.OK);
        second.Code.Should().Be(HttpStatusCode.Conflict);
        second.Body.TextAt("message").Should().Contain("the object has been modified");
    }

    [Fact]
    public async Task A_list_comes_in_pages_of_one_version()
    {
        foreach (var name in (string[])["a", "b", "c"])
            _cluster.Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap(name));

        var first = await _cluster.GetAsync($"{Maps}?limit=2");
        _cluster.Api.Delete(GroupResource.ConfigMaps, "default", "c");
        var second = await _cluster.GetAsync($"{Maps}?limit=2&continue={Uri.EscapeDataString(first.TextAt("metadata", "continue")!)}");

        Names(first).Should().Equal("a", "b");
        first.NumberAt("metadata", "remainingItemCount").Should().Be(1);
        Names(second).Should().Equal("c");
        second.At("metadata", "continue").Should().BeNull();
        second.TextAt("metadata", "resourceVersion").Should().Be(first.TextAt("metadata", "resourceVersion"));
    }

    [Fact]
    public async Task A_page_of_a_compacted_version_is_gone()
    {
        foreach (var name in (string[])["a", "b"])
            _cluster.Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap(name));
        var first = await _cluster.GetAsync($"{Maps}?limit=1");
        _cluster.Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap("c"));
        _cluster.Store.Compact();

        var second = await _cluster.GetAsync($"{Maps}?limit=1&continue={Uri.EscapeDataString(first.TextAt("metadata", "continue")!)}");

        second.NumberAt("code").Should().Be(410);
    }

    [Fact]
    public async Task A_delete_with_the_wrong_precondition_is_a_conflict()
    {
        _cluster.Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap("a"));

        var (code, body) = await _cluster.SendAsync(HttpMethod.Delete, $"{Maps}/a", """{"preconditions":{"uid":"other"}}""");

        code.Should().Be(HttpStatusCode.Conflict);
        body.TextAt("message").Should().Contain("Precondition failed: UID in precondition: other");
    }

    [Theory]
    [InlineData("/api/v1/nothings")]
    [InlineData("/apis/apps/v9/deployments")]
    [InlineData("/api/v1/namespaces/default/configmaps/a/status")]
    [InlineData("/nowhere")]
    public async Task What_is_not_served_is_not_found(string path)
    {
        var body = await _cluster.GetAsync(path);

        body.NumberAt("code").Should().Be(404);
        body.TextAt("message").Should().Be("the server could not find the requested resource");
    }

    [Fact]
    public async Task Discovery_is_served_plainly_and_aggregated()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/apis");
        request.Headers.Add("Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json");
        var aggregated = await _cluster.Client.SendAsync(request);
        var plain = await _cluster.GetAsync("/apis/apps/v1");

        aggregated.Content.Headers.ContentType!.ToString().Should().Contain("as=APIGroupDiscoveryList");
        (await aggregated.Content.ReadAsStringAsync()).Should().Contain("deployments");
        plain.ListAt("resources")!.Select(r => r.TextAt("name")).Should().Contain(["deployments", "deployments/scale", "deployments/status"]);
    }

    [Fact]
    public async Task A_yaml_body_is_read()
    {
        var (code, body) = await _cluster.SendAsync(HttpMethod.Post, Maps, "metadata: {name: y}\ndata: {a: 'true'}", "application/yaml");

        code.Should().Be(HttpStatusCode.Created);
        body.TextAt("data", "a").Should().Be("true");
    }

    [Fact]
    public async Task A_protobuf_body_is_read_and_one_with_an_unknown_field_refused()
    {
        // runtime.Unknown{typeMeta{v1, ConfigMap}, raw: ConfigMap{metadata{name: "p"}, data{k: v}}}; the second has a field 9.
        byte[] head = [.. "k8s\0"u8, 0x0a, 15, 0x0a, 2, .. "v1"u8, 0x12, 9, .. "ConfigMap"u8];
        byte[] good = [.. head, 0x12, 13, 0x0a, 3, 0x0a, 1, (byte)'p', 0x12, 6, 0x0a, 1, (byte)'k', 0x12, 1, (byte)'v'];
        byte[] odd = [.. head, 0x12, 7, 0x0a, 3, 0x0a, 1, (byte)'q', 0x48, 1];

        (await PostAsync(good)).StatusCode.Should().Be(HttpStatusCode.Created);
        var refused = await PostAsync(odd);

        _cluster.Api.Get(GroupResource.ConfigMaps, "default", "p").TextAt("data", "k").Should().Be("v");
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync()).Should().Contain("field 9 of ConfigMap");
    }

    private async Task<HttpResponseMessage> PostAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/vnd.kubernetes.protobuf");
        return await _cluster.Client.PostAsync(new Uri(Maps, UriKind.Relative), content);
    }

    private static IEnumerable<string?> Names(JsonObject list) =>
        ((JsonArray)list["items"]!).Select(i => i.TextAt("metadata", "name")).Where(n => n!.Length == 1);
}
