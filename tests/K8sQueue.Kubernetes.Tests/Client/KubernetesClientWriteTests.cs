using System.Net;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;

namespace K8sQueue.Kubernetes.Tests.Client;

public class KubernetesClientWriteTests
{
    private const string One = V1Widget.ShopPath + "/one";

    private static V1Widget Widget() => new()
    {
        Metadata = new V1ObjectMeta { Name = "one", Namespace = "shop", ResourceVersion = "4" },
        Spec = new WidgetSpec { Size = 2 },
    };

    [Fact]
    public async Task Apply_sends_the_apply_content_type_manager_force_and_strict_validation()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("PATCH", One, Answers.Json(Answers.Widget("one", "5"), 201));
        using var client = server.CreateClient();

        var applied = await client.ApplyAsync(Widget(), "manager", default);

        applied.Metadata.ResourceVersion.Should().Be("5");
        var request = server.Requests.Single();
        request.Headers["Content-Type"].Should().Be("application/apply-patch+yaml");
        request.Query.Should().Contain("fieldManager", "manager").And.Contain("force", "true").And.Contain("fieldValidation", "Strict");
        var body = JsonNode.Parse(request.Body)!;
        ((string?)body["apiVersion"]).Should().Be("test.io/v1");
        ((string?)body["kind"]).Should().Be("Widget");
        body["status"].Should().BeNull();
        body["metadata"]!.AsObject().Should().NotContainKey("managedFields").And.NotContainKey("creationTimestamp");
    }

    [Fact]
    public async Task Apply_to_another_object_of_the_name_is_a_conflict_and_an_unknown_field_is_invalid()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("PATCH", One,
            Answers.Status(422, "Invalid", "Widget is invalid: metadata.uid: Invalid value: field is immutable"),
            Answers.Status(500, "InternalServerError", "failed to create typed patch object (shop/one): .spec.sise: field not declared in schema"),
            Answers.Status(422, "Invalid", "spec.size must be positive"));
        using var client = server.CreateClient();
        var widget = Widget();
        widget.Metadata.Uid = "recorded";
        var apply = () => client.ApplyAsync(widget, "manager", default);

        (await apply.Should().ThrowAsync<KubernetesApiException>()).Which.IsConflict.Should().BeTrue();
        (await apply.Should().ThrowAsync<KubernetesApiException>()).Which.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await apply.Should().ThrowAsync<KubernetesApiException>()).Which.Reason.Should().Be("Invalid");
    }

    [Fact]
    public async Task Create_and_replace_are_validated_strictly_and_go_to_collection_and_object()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("POST", V1Widget.ShopPath, Answers.Json(Answers.Widget("one", "1"), 201));
        server.On("PUT", One, Answers.Json(Answers.Widget("one", "5")));
        server.On("PUT", One + "/status", Answers.Json(Answers.Widget("one", "6")));
        using var client = server.CreateClient();

        await client.CreateAsync(Widget(), default);
        await client.ReplaceAsync(Widget(), default);
        await client.ReplaceStatusAsync(Widget(), default);

        server.Requests.Select(r => (r.Method, r.Path, r.Parameter("fieldValidation"))).Should().Equal(
            ("POST", V1Widget.ShopPath, "Strict"), ("PUT", One, "Strict"), ("PUT", One + "/status", null));
        server.Requests.Should().OnlyContain(r => (string?)JsonNode.Parse(r.Body, null, default)!["metadata"]!["resourceVersion"] == "4");
    }

    [Fact]
    public async Task A_patch_goes_to_its_subresource_with_its_content_type()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("PATCH", One + "/status", Answers.Json(Answers.Widget("one", "5")));
        using var client = server.CreateClient();

        await client.PatchAsync<V1Widget>(
            "one", "shop", new KubernetesPatch(new JsonObject { ["status"] = new JsonObject { ["seen"] = 1 } }, KubernetesPatch.MergePatch), "status", default);

        var request = server.Requests.Single();
        request.Headers["Content-Type"].Should().Be("application/merge-patch+json");
        request.Body.Should().Be("""{"status":{"seen":1}}""");
    }

    [Fact]
    public async Task Delete_carries_its_preconditions_and_an_absent_object_is_fine()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("DELETE", One,
            Answers.Json("""{"kind":"Status","status":"Success"}"""), Answers.Status(404, "NotFound", "gone"), Answers.Status(409, "Conflict", "uid"));
        using var client = server.CreateClient();
        var options = new DeleteOptions { Uid = "u", ResourceVersion = "3", GracePeriodSeconds = 5 };

        (await client.DeleteAsync<V1Widget>("one", "shop", options, default)).Should().BeTrue();
        (await client.DeleteAsync<V1Widget>("one", "shop", null, default)).Should().BeFalse();
        var third = () => client.DeleteAsync<V1Widget>("one", "shop", null, default);

        (await third.Should().ThrowAsync<KubernetesApiException>()).Which.IsConflict.Should().BeTrue();
        var body = JsonNode.Parse(server.Requests.First().Body)!;
        ((string?)body["preconditions"]!["uid"]).Should().Be("u");
        ((string?)body["preconditions"]!["resourceVersion"]).Should().Be("3");
        ((int?)body["gracePeriodSeconds"]).Should().Be(5);
        ((string?)body["propagationPolicy"]).Should().Be("Background");
    }

    [Fact]
    public async Task Scale_is_read_and_written_through_its_subresource()
    {
        await using var server = await FakeApiServer.StartAsync();
        const string scale = """{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"one","namespace":"shop","resourceVersion":"3"},"spec":{"replicas":2},"status":{"replicas":1,"selector":"a=b"}}""";
        server.On("GET", One + "/scale", Answers.Json(scale)).On("PUT", One + "/scale", Answers.Json(scale));
        using var client = server.CreateClient();

        var read = await client.GetScaleAsync<V1Widget>("one", "shop", default);
        read.Spec.Replicas = 5;
        await client.ReplaceScaleAsync<V1Widget>(read, default);

        var body = JsonNode.Parse(server.Requests.Last().Body)!;
        ((int?)body["spec"]!["replicas"]).Should().Be(5);
        ((string?)body["metadata"]!["resourceVersion"]).Should().Be("3");
        ((string?)body["kind"]).Should().Be("Scale");
    }

    [Fact]
    public async Task A_namespaced_object_without_a_namespace_is_never_written()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var client = server.CreateClient();

        var create = () => client.CreateAsync(new V1Widget { Metadata = new V1ObjectMeta { Name = "one" } }, default);
        var delete = () => client.DeleteAsync<V1Widget>("one", null, null, default);

        await create.Should().ThrowAsync<ArgumentException>();
        await delete.Should().ThrowAsync<ArgumentException>();
        server.Requests.Should().BeEmpty();
    }
}
