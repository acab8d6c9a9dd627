using System.Net;
using K8sQueue.Kubernetes.Authentication;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Kubernetes.Tests.Client;

public class KubernetesClientFailureTests
{
    private const string One = V1Widget.ShopPath + "/one";

    [Fact]
    public async Task A_status_becomes_an_exception_with_code_reason_and_message()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("POST", V1Widget.ShopPath, Answers.Status(422, "Invalid", "spec.size must be positive"));
        using var client = server.CreateClient();

        var create = () => client.CreateAsync(new V1Widget { Metadata = new V1ObjectMeta { Name = "one", Namespace = "shop" } }, default);

        var failure = (await create.Should().ThrowAsync<KubernetesApiException>()).WithMessage("*spec.size must be positive*").Which;
        failure.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        failure.Reason.Should().Be("Invalid");
    }

    [Fact]
    public async Task A_proxys_html_is_an_exception_too()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", One, Answers.Json("<html>Bad Gateway</html>", 502));
        using var client = server.CreateClient();

        var get = () => client.GetAsync<V1Widget>("one", "shop", default);

        (await get.Should().ThrowAsync<KubernetesApiException>()).WithMessage("*502*Bad Gateway*");
        server.Requests.Should().ContainSingle("5xx without Retry-After is not tried again");
    }

    [Fact]
    public async Task An_object_that_is_not_there_is_null()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var client = server.CreateClient();

        (await client.GetAsync<V1Widget>("one", "shop", default)).Should().BeNull();
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_busy_server_is_asked_again_when_it_says_so_even_for_a_write(int code)
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("PUT", One, Answers.Status(code, "TooManyRequests", "busy", retryAfter: 5), Answers.Json(Answers.Widget("one", "5")));
        var time = new ManualTimeProvider();
        using var client = server.CreateClient(time: time);
        var call = client.ReplaceAsync(new V1Widget { Metadata = new V1ObjectMeta { Name = "one", Namespace = "shop" } }, default);

        await Eventually.IsTrue(() => time.ActiveTimers == 2); // the deadline and the wait
        server.Requests.Should().ContainSingle();
        time.Advance(TimeSpan.FromSeconds(5));

        (await call).Metadata.ResourceVersion.Should().Be("5");
        server.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_wait_longer_than_the_deadline_is_left_to_the_caller()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", One, Answers.Status(429, "TooManyRequests", "busy", retryAfter: 60));
        using var client = server.CreateClient();

        var get = () => client.GetAsync<V1Widget>("one", "shop", default);

        (await get.Should().ThrowAsync<KubernetesApiException>()).Which.RetryAfter.Should().Be(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_broken_connection_is_tried_again_for_a_read_and_never_for_a_write()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", One, Answers.Abort, Answers.Json(Answers.Widget("one", "5")));
        server.On("PUT", One, Answers.Abort, Answers.Json(Answers.Widget("one", "5")));
        using var client = server.CreateClient();

        (await client.GetAsync<V1Widget>("one", "shop", default))!.Metadata.ResourceVersion.Should().Be("5");
        var put = () => client.ReplaceAsync(new V1Widget { Metadata = new V1ObjectMeta { Name = "one", Namespace = "shop" } }, default);

        (await put.Should().ThrowAsync<KubernetesApiException>()).Which.StatusCode.Should().Be((HttpStatusCode)0);
        server.Requests.Count(r => r.Method == "PUT").Should().Be(1);
    }

    [Fact]
    public async Task A_call_without_an_answer_ends_at_its_deadline()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", One, Answers.Forever);
        var time = new ManualTimeProvider();
        using var client = server.CreateClient(o => o.RequestTimeout = TimeSpan.FromSeconds(10), time: time);
        var call = client.GetAsync<V1Widget>("one", "shop", default);
        await Eventually.IsTrue(() => !server.Requests.IsEmpty);

        time.Advance(TimeSpan.FromSeconds(11));

        var failure = () => call;
        (await failure.Should().ThrowAsync<KubernetesApiException>()).WithMessage("*10 s*");
        time.ActiveTimers.Should().Be(0, "a call leaves no timer behind");
    }

    [Fact]
    public async Task A_refused_connection_says_where_it_went()
    {
        Uri address;
        await using (var server = await FakeApiServer.StartAsync())
            address = server.Address;
        using var client = new KubernetesClient(new KubernetesClientOptions { Configuration = new() { Server = address } });

        var get = () => client.GetAsync<V1Pod>("one", "shop", default);

        (await get.Should().ThrowAsync<KubernetesApiException>()).WithMessage($"*{address.Port}*");
    }

    [Fact]
    public async Task A_401_renews_the_credential_once()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", One, Answers.Status(401, "Unauthorized", "who are you"), Answers.Json(Answers.Widget("one", "5")));
        var credentials = new CountingCredentials();
        using var client = server.CreateClient(credentials: credentials);

        await client.GetAsync<V1Widget>("one", "shop", default);

        server.Requests.Select(r => r.Headers["Authorization"]).Should().Equal("Bearer token-0", "Bearer token-1");
    }

    [Fact]
    public async Task A_second_401_is_final()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", One, Answers.Status(401, "Unauthorized", "who are you"));
        using var client = server.CreateClient(credentials: new CountingCredentials());

        var get = () => client.GetAsync<V1Widget>("one", "shop", default);

        (await get.Should().ThrowAsync<KubernetesApiException>()).Which.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        server.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Impersonation_user_agent_and_path_prefix_are_sent()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", "/clusters/one/api/v1/pods", Answers.List("1", null));
        using var client = server.CreateClient(o =>
        {
            o.UserAgent = "test/1.0";
            o.Configuration = o.Configuration! with
            {
                Server = new Uri(server.Address, "clusters/one/"),
                Impersonation = new("jane") { Groups = ["dev", "ops"], Uid = "7", Extra = new Dictionary<string, IReadOnlyList<string>> { ["acme.io/x"] = ["y"] } },
            };
        });

        await client.ListAsync<V1Pod>(null, null, default);

        var headers = server.Requests.Single().Headers;
        headers["Impersonate-User"].Should().Be("jane");
        headers["Impersonate-Group"].Should().BeOneOf("dev,ops", "dev, ops");
        headers["Impersonate-Uid"].Should().Be("7");
        headers["Impersonate-Extra-acme.io%2Fx"].Should().Be("y");
        headers["User-Agent"].Should().Be("test/1.0");
    }

    private sealed class CountingCredentials : ICredentialSource
    {
        private int _count;

        public ValueTask<Credential> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(new Credential($"token-{_count}", null));

        public void Invalidate(Credential credential) => _count++;
    }
}
