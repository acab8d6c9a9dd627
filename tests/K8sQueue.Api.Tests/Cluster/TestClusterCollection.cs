namespace K8sQueue.Api.Tests.Cluster;

/// <summary>Those who read one <see cref="TestCluster"/>, one after the other.</summary>
[CollectionDefinition(nameof(TestCluster))]
public sealed class TestClusterCollection : ICollectionFixture<TestCluster>;
