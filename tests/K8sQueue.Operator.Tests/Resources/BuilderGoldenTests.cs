using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Resources;

public sealed class BuilderGoldenTests
{
    [Fact]
    public void A_native_queue_becomes_a_trigger_a_lane_and_one_on_the_pause() =>
        Golden.Verify(ScaledObjectBuilder.Build(Samples.Pool()), "scaledobject-native");

    [Fact]
    public void A_ScaledObject_has_all_that_the_spec_says() =>
        Golden.Verify(ScaledObjectBuilder.Build(Full()), "scaledobject-full");

    [Fact]
    public void A_raw_trigger_stays_as_it_is() =>
        Golden.Verify(ScaledObjectBuilder.Build(Samples.Pool(change: spec => spec.Queues = [Samples.RawQueue("mail")])), "scaledobject-raw");

    [Fact]
    public void A_Deployment_without_connections_has_no_gate() => Golden.Verify(Deployment(Samples.Pool()), "deployment-plain");

    [Fact]
    public void A_Deployment_has_all_that_the_spec_says() => Golden.Verify(Deployment(Full()), "deployment-full");

    [Fact]
    public void Secrets_reach_KEDA_by_reference() => Golden.Verify(TriggerAuthenticationBuilder.Build(Full()).Single(), "triggerauthentication");

    [Theory]
    [InlineData(0, 3, "25%")]
    [InlineData(1, 0, "25%")]
    [InlineData(1, 3, "4")]
    public void A_disruption_budget_counts_pods_that_wait_where_others_run(int granted, int waiting, string expected) =>
        PodDisruptionBudgetBuilder.Build(Samples.Pool(), granted, waiting).Spec.MaxUnavailable.ToString().Should().Be(expected);

    [Fact]
    public void A_disruption_budget_lets_unready_pods_go() => Golden.Verify(PodDisruptionBudgetBuilder.Build(Samples.Pool()), "poddisruptionbudget");

    private static Kubernetes.Models.V1Deployment Deployment(V1Alpha1WorkerPool pool) => DeploymentBuilder.Build(pool, RevisionHash.Of(pool.Spec));

    private static V1Alpha1WorkerPool Full() => Samples.Pool("orders", spec =>
    {
        spec.Queues = [Samples.Queue("orders"), Samples.RawQueue("legacy", 5)];
        spec.Queues[0].K8squeue!.Redis = new RedisConnectionSpec
        {
            Address = "redis:6380",
            Database = 2,
            Tls = true,
            PasswordSecretRef = new SecretKeyReference { Name = "queue-redis", Key = "password" },
            CaSecretRef = new SecretKeyReference { Name = "queue-redis", Key = "ca.crt" },
        };
        spec.Scaling = new ScalingSpec
        {
            MinReplicas = 1,
            MaxReplicas = 50,
            PollingIntervalSeconds = 5,
            CooldownSeconds = 30,
            InitialCooldownSeconds = 60,
            FallbackReplicas = 3,
            ScaleDown = new ScaleDownSpec { StabilizationSeconds = 120, MaxPodsPerMinute = 10 },
            ScaleUp = new ScaleUpSpec { MaxPodsPerMinute = 100 },
        };
        spec.Connections = [Samples.Connection("orders-db", 10), Samples.Connection("cache", 2)];
        spec.Drain = new DrainSpec { TimeoutSeconds = 120 };
        spec.Template = Template("""
            {
              "metadata": {"labels": {"team": "orders"}},
              "spec": {
                "serviceAccountName": "orders",
                "terminationGracePeriodSeconds": 60,
                "securityContext": {"runAsNonRoot": false},
                "containers": [
                  {"name": "proxy", "image": "proxy:1"},
                  {"name": "worker", "image": "orders:7", "env": [{"name": "K8SQUEUE_MANAGEMENT_PORT", "value": "9000"}, {"name": "K8SQUEUE_DB_POOL_SIZE", "value": "8"}],
                   "readinessProbe": {"exec": {"command": ["true"]}}, "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}
                ]
              }
            }
            """);
    });

    internal static PodTemplate Template(string json) =>
        System.Text.Json.JsonSerializer.Deserialize(json, K8sQueue.Kubernetes.Serialization.KubernetesJson.TypeInfo<PodTemplate>(OperatorJson.Options))!;
}
