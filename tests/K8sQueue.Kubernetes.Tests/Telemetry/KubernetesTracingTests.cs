using System.Collections.Concurrent;
using System.Diagnostics;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Telemetry;
using K8sQueue.Kubernetes.Tests.Fakes;

namespace K8sQueue.Kubernetes.Tests.Telemetry;

public sealed class KubernetesTracingTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public KubernetesTracingTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == KubernetesTracing.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_request_is_a_client_span_with_the_conventional_attributes_and_no_name_in_its_name()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", V1Widget.ShopPath + "/one", Answers.Status(503, "Unavailable", "later", retryAfter: 0), Answers.Json(Answers.Widget("one", "1")));
        using var client = server.CreateClient();
        using var parent = new Activity("test").Start();

        await client.GetAsync<V1Widget>("one", "shop", default);

        var spans = _ended.Where(a => a.TraceId == parent.TraceId).ToList();
        spans.Should().HaveCount(2).And.OnlyContain(a => a.Kind == ActivityKind.Client && a.ParentSpanId == parent.SpanId);
        spans.Should().OnlyContain(a => a.DisplayName == "GET /apis/test.io/v1/namespaces/{namespace}/widgets/{name}");
        var (first, second) = (spans[0], spans[1]);
        first.GetTagItem("http.response.status_code").Should().Be(503);
        first.GetTagItem("error.type").Should().Be("503");
        first.Status.Should().Be(ActivityStatusCode.Error);
        second.GetTagItem("http.response.status_code").Should().Be(200);
        second.GetTagItem("http.request.method").Should().Be("GET");
        second.GetTagItem("http.request.resend_count").Should().Be(1);
        second.GetTagItem("server.address").Should().Be("127.0.0.1");
        second.GetTagItem("server.port").Should().Be(server.Address.Port);
        second.GetTagItem("url.full").Should().Be($"{server.Address}apis/test.io/v1/namespaces/shop/widgets/one");
        second.Status.Should().Be(ActivityStatusCode.Unset);
        server.Requests.Should().OnlyContain(r => r.Headers["traceparent"].Contains(parent.TraceId.ToString()));
    }

    [Fact]
    public async Task A_request_without_an_answer_names_its_error()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("DELETE", V1Widget.ShopPath + "/one", Answers.Abort);
        using var client = server.CreateClient();
        using var parent = new Activity("test").Start();

        var delete = () => client.DeleteAsync<V1Widget>("one", "shop", null, default);
        await delete.Should().ThrowAsync<KubernetesApiException>();

        var span = _ended.Single(a => a.TraceId == parent.TraceId);
        span.GetTagItem("error.type").Should().Be(typeof(HttpRequestException).FullName);
        span.Status.Should().Be(ActivityStatusCode.Error);
    }

    [Theory]
    [InlineData("api/v1/pods?limit=5", "/api/v1/pods")]
    [InlineData("api/v1/namespaces/shop/pods/web-1", "/api/v1/namespaces/{namespace}/pods/{name}")]
    [InlineData("apis/apps/v1/namespaces/shop/deployments/web/scale", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale")]
    [InlineData("api/v1/nodes/n1", "/api/v1/nodes/{name}")]
    [InlineData("apis/keda.sh/v1alpha1", "/apis/keda.sh/v1alpha1")]
    [InlineData("api/v1/namespaces/shop", "/api/v1/namespaces/{namespace}")]
    public void A_template_has_no_names(string path, string template) => RequestTemplate.Of(path).Should().Be(template);
}
