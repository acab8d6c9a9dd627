using K8sQueue.Chart.Tests.Support;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>What an API server says to all that people apply, without a change: LocalCluster, or by <c>make dry-run</c> any other.</summary>
public sealed class ServerDryRunTests(DryRunCluster cluster) : IClassFixture<DryRunCluster>
{
    public static TheoryData<string> Sets => ValueSets.Names;

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task The_server_accepts_every_object_of_the_chart_in_restricted_namespaces(string set) =>
        await cluster.AcceptsYamlAsync((await Helm.TemplateAsync(ValueSets.All[set])).Succeeded());

    [Fact]
    public async Task The_server_accepts_a_release_and_a_namespace_whose_names_are_numbers() => await cluster.AcceptsYamlAsync(
        (await Helm.TemplateAsync(
            ("1", "2024"), ValueSets.All[ValueSets.LikeNumbers], "--set-string", "fullnameOverride=queue,redis.persistence.existingClaim=9")).Succeeded());

    [Theory]
    [InlineData("crds")]
    [InlineData("deploy/crds.yaml")]
    [InlineData("deploy/install.yaml")]
    [InlineData("deploy/api.yaml")]
    [InlineData("deploy/operator")]
    public async Task The_server_accepts_what_is_committed(string path) => await cluster.AcceptsAsync("-f", Path.Combine(RepositoryFolder.Root, path));

    [Theory]
    [InlineData("deploy/operator/namespaced")]
    [InlineData("samples")]
    public async Task The_server_accepts_what_people_put_into_a_namespace(string path) =>
        await cluster.AcceptsAsync("-n", "shop", "-f", Path.Combine(RepositoryFolder.Root, path));
}
