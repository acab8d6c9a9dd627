using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Tests.Http;

public sealed class WatchTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private HttpCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await HttpCluster.StartAsync(o => o.BookmarkInterval = TimeSpan.FromMilliseconds(100));

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_watch_from_a_list_misses_nothing_in_between()
    {
        _cluster.Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap("a"));
        var version = (await _cluster.GetAsync(Maps)).TextAt("metadata", "resourceVersion");
        _cluster.Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap("b"));
        _cluster.Api.Delete(GroupResource.ConfigMaps, "default", "a");

        var events = await TakeAsync($"{Maps}?watch=true&resourceVersion={version}", 2);

        events.Select(Show).Should().Equal("ADDED b", "DELETED a");
    }

    [Fact]
    public async Task A_watch_without_a_version_begins_with_what_is_there()
    {
        _cluster.Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap("a"));

        (await TakeAsync($"{Maps}?watch=true", 1)).Select(Show).Should().Equal("ADDED a");
    }

    [Fact]
    public async Task A_compacted_version_gets_410_as_an_event()
    {
        var version = (await _cluster.GetAsync(Maps)).TextAt("metadata", "resourceVersion");
        _cluster.Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap("a"));
        _cluster.Store.Compact();

        var error = (await TakeAsync($"{Maps}?watch=true&resourceVersion={version}", 1)).Single();

        error.TextAt("type").Should().Be("ERROR");
        error.NumberAt("object", "code").Should().Be(410);
        error.TextAt("object", "reason").Should().Be("Expired");
    }

    [Fact]
    public async Task Bookmarks_carry_the_version_of_other_resources_changes()
    {
        var version = (await _cluster.GetAsync(Maps)).TextAt("metadata", "resourceVersion");
        var pod = _cluster.Api.Create(GroupResource.Pods, Samples.Pod("p"));

        var bookmark = (await TakeAsync($"{Maps}?watch=true&allowWatchBookmarks=true&resourceVersion={version}", 1)).Single();

        bookmark.TextAt("type").Should().Be("BOOKMARK");
        bookmark.TextAt("object", "kind").Should().Be("ConfigMap");
        bookmark.TextAt("object", "metadata", "resourceVersion").Should().Be(pod.ResourceVersion());
    }

    [Fact]
    public async Task The_initial_events_of_a_watch_list_end_with_an_annotated_bookmark()
    {
        _cluster.Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap("a"));

        var events = await TakeAsync(
            $"{Maps}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan", 2);

        Show(events[0]).Should().Be("ADDED a");
        events[1].TextAt("object", "metadata", "annotations", "k8s.io/initial-events-end").Should().Be("true");
    }

    [Fact]
    public async Task An_object_that_leaves_the_selection_is_deleted_to_its_watcher()
    {
        var version = (await _cluster.GetAsync(Maps)).TextAt("metadata", "resourceVersion");
        var map = Samples.ConfigMap("a");
        map.Need("metadata", "labels")["on"] = "yes";
        _cluster.Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap("other"));
        _cluster.Api.Create(GroupResource.ConfigMaps, map);
        Label("a", "no");
        Label("a", "yes");

        var events = await TakeAsync($"{Maps}?watch=true&labelSelector=on%3Dyes&resourceVersion={version}", 3);

        events.Select(Show).Should().Equal("ADDED a", "DELETED a", "ADDED a");
        events[1].TextAt("object", "metadata", "labels", "on").Should().Be("yes");
    }

    [Fact]
    public async Task A_watch_ends_at_its_time_out()
    {
        (await TakeAsync($"{Maps}?watch=true&timeoutSeconds=1", int.MaxValue)).Should().BeEmpty();
    }

    private void Label(string name, string value) => _cluster.Api.Modify(GroupResource.ConfigMaps, "default", name, m =>
    {
        m.Need("metadata", "labels")["on"] = value;
        return true;
    });

    private async Task<List<JsonObject>> TakeAsync(string path, int count)
    {
        var events = new List<JsonObject>();
        await foreach (var change in _cluster.WatchAsync(path))
        {
            events.Add(change);
            if (events.Count == count)
                break;
        }

        return events;
    }

    private static string Show(JsonObject change) => $"{change.TextAt("type")} {change.TextAt("object", "metadata", "name")}";
}
