using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;

namespace K8sQueue.Kubernetes.Tests.Client;

public class KubernetesClientListTests
{
    [Fact]
    public async Task Pages_are_followed_to_the_end_and_only_the_first_names_a_version()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", V1Widget.Path,
            Answers.List("7", "next", Answers.Widget("a", "1"), Answers.Widget("b", "2")),
            Answers.List("7", null, Answers.Widget("c", "3")));
        using var client = server.CreateClient();

        var list = await client.ListAsync<V1Widget>(null, new ListOptions { ResourceVersion = "0", Limit = 2, LabelSelector = "a=b" }, default);

        list.Items.Select(i => i.Metadata.Name).Should().Equal("a", "b", "c");
        list.ResourceVersion.Should().Be("7");
        list.Items.Should().OnlyContain(i => i.Kind == "Widget" && i.ApiVersion == "test.io/v1", "items of a list carry no type of their own");
        var (first, second) = (server.Requests.First(), server.Requests.Last());
        first.Query.Should().Contain("resourceVersion", "0").And.Contain("limit", "2").And.Contain("labelSelector", "a=b");
        second.Query.Should().Contain("continue", "next").And.NotContainKey("resourceVersion");
    }

    [Fact]
    public async Task A_continue_token_that_expired_means_the_whole_list_at_once()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", V1Widget.ShopPath,
            Answers.List("7", "next", Answers.Widget("a", "1")),
            Answers.Status(410, "Expired", "The provided continue parameter is too old"),
            Answers.List("9", null, Answers.Widget("a", "1"), Answers.Widget("b", "8")));
        using var client = server.CreateClient();

        var list = await client.ListAsync<V1Widget>("shop", new ListOptions { ResourceVersion = "0" }, default);

        list.Items.Select(i => i.Metadata.Name).Should().Equal("a", "b");
        server.Requests.Last().Query.Should().NotContainKey("limit").And.NotContainKey("resourceVersion").And.NotContainKey("continue");
    }

    [Fact]
    public async Task An_old_version_on_the_first_page_is_the_callers_to_know()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", V1Widget.Path, Answers.Status(410, "Expired", "too old"));
        using var client = server.CreateClient();

        var call = () => client.ListAsync<V1Widget>(null, new ListOptions { ResourceVersion = "3", Limit = 0 }, default);

        (await call.Should().ThrowAsync<KubernetesApiException>()).Which.IsExpired.Should().BeTrue();
    }

    [Fact]
    public async Task An_object_that_does_not_fit_its_type_is_named()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", V1Widget.Path, Answers.List("1", null, """{"metadata":{"name":"a"},"spec":{"size":"large"}}"""));
        using var client = server.CreateClient();

        var call = () => client.ListAsync<V1Widget>(null, null, default);

        (await call.Should().ThrowAsync<KubernetesApiException>()).WithMessage("*widgets*size*");
    }

    [Fact]
    public async Task A_kind_is_served_when_discovery_lists_it()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", "/apis/test.io/v1", Answers.Json("""{"kind":"APIResourceList","resources":[{"name":"widgets/status"},{"name":"widgets"}]}"""));
        server.On("GET", "/api/v1", Answers.Json("""{"kind":"APIResourceList","resources":[{"name":"secrets"}]}"""));
        using var client = server.CreateClient();

        (await client.IsServedAsync<V1Widget>(default)).Should().BeTrue();
        (await client.IsServedAsync<V1Secret>(default)).Should().BeTrue();
        (await client.IsServedAsync<V1Pod>(default)).Should().BeFalse("the group is there, the kind is not");
        (await client.IsServedAsync<V1Deployment>(default)).Should().BeFalse("the group is not there");
    }
}
