using K8sQueue.LocalCluster.Admission;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Hosting;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.LocalCluster.Tests.Api;

/// <summary>The operator's own definitions, as crds/ has them.</summary>
public sealed class OperatorDefinitionTests : IDisposable
{
    private readonly TestCluster _cluster = new(services => services.AddSingleton<IValidationRuleSource, OperatorValidationRules>());

    public OperatorDefinitionTests() => new ManifestLoader(_cluster.Api).LoadDefinitions(Path.Combine(RepositoryFolder.Root, "crds"));

    [Fact]
    public void Every_rule_of_the_definitions_has_a_predicate()
    {
        var rules = new OperatorValidationRules();
        var texts = _cluster.Api.List(GroupResource.CustomResourceDefinitions).SelectMany(d => UnknownRuleWarner.RulesOf(d["spec"])).ToList();

        texts.Should().NotBeEmpty().And.OnlyContain(text => rules.Find(text) != null);
    }

    [Fact]
    public void A_pool_whose_minimum_is_above_its_maximum_is_refused_by_the_rule()
    {
        var create = () => _cluster.Api.Create(GroupResource.WorkerPools, Samples.Parse("""
            {"metadata":{"name":"p","namespace":"default"},"spec":{
              "queues":[{"name":"q","jobsPerReplica":1,"k8squeue":{"redis":{"address":"r:6379"}}}],
              "scaling":{"minReplicas":9,"maxReplicas":1},
              "template":{"spec":{"containers":[{"name":"w","image":"i"}]}}}}
            """));

        create.Should().Throw<ClusterApiException>().WithMessage(
            "WorkerPool.k8squeue.io \"p\" is invalid: spec.scaling: Invalid value: \"object\": minReplicas must not be above maxReplicas");
    }

    public void Dispose() => _cluster.Dispose();
}
