using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Tests.Fakes;

/// <summary>Resources to start tests from.</summary>
internal static class Samples
{
    public const string Namespace = "shop";

    public static V1Alpha1WorkerPool Pool(string name = "emails", Action<WorkerPoolSpec>? change = null)
    {
        var pool = new V1Alpha1WorkerPool
        {
            ApiVersion = "k8squeue.io/v1alpha1",
            Kind = "WorkerPool",
            Metadata = new V1ObjectMeta { Name = name, Namespace = Namespace, Uid = "pool-uid", Generation = 1 },
            Spec = new WorkerPoolSpec
            {
                Queues = [Queue("emails")],
                // Fake kubelets start pods in no time, and so they are to be believed.
                Rollout = new RolloutSpec { MinReadySeconds = 0 },
                Template = Template("ghcr.io/acme/emails:1.4"),
            },
        };
        change?.Invoke(pool.Spec);
        return pool;
    }

    public static QueueSpec Queue(string name, int jobsPerReplica = 20) => new()
    {
        Name = name,
        JobsPerReplica = jobsPerReplica,
        K8squeue = new NativeQueueSpec { Redis = new RedisConnectionSpec { Address = "redis-queue:6379" } },
    };

    public static QueueSpec RawQueue(string name, int? jobsPerReplica = null) => new()
    {
        Name = name,
        JobsPerReplica = jobsPerReplica,
        Keda = new KedaTriggerSpec { Type = "rabbitmq", Metadata = new() { ["queueName"] = name, ["mode"] = "QueueLength", ["value"] = "20" } },
    };

    public static PodTemplate Template(string image) => new()
    {
        Spec = new PodTemplateSpec { Containers = [new PodTemplateContainer { Name = "worker", Image = image }] },
    };

    public static ConnectionSpec Connection(string budget, int perReplica, int weight = 1) => new() { Budget = budget, PerReplica = perReplica, Weight = weight };

    public static V1Alpha1ConnectionBudget Budget(string name, int capacity, int reserved = 0, int lostHoldSeconds = 300) => new()
    {
        ApiVersion = "k8squeue.io/v1alpha1",
        Kind = "ConnectionBudget",
        Metadata = new V1ObjectMeta { Name = name, Namespace = Namespace },
        Spec = new ConnectionBudgetSpec { Capacity = capacity, Reserved = reserved, LostHoldSeconds = lostHoldSeconds },
    };

    /// <summary>A pod that waits for its grant.</summary>
    public static V1Pod GatedPod(string name, string pool, string revision, string charges) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Metadata = new V1ObjectMeta
        {
            Name = name,
            Namespace = Namespace,
            Labels = new() { [Labels.Pool] = pool, [Labels.Revision] = revision },
            Annotations = new() { [Labels.Charges] = charges },
        },
        Spec = new V1PodSpec
        {
            Containers = [new V1Container { Name = "worker" }],
            SchedulingGates = [new V1PodSchedulingGate { Name = "example.com/other" }, new V1PodSchedulingGate { Name = Labels.ConnectionsGate }],
        },
        Status = new V1PodStatus { Phase = "Pending" },
    };

    public static void Start(V1Pod pod)
    {
        pod.Spec.NodeName = "node";
        pod.Status = new V1PodStatus { Phase = "Running", ContainerStatuses = [Container(new V1ContainerState { Running = new() })] };
    }

    public static void End(V1Pod pod) => pod.Status = new V1PodStatus
    {
        Phase = "Succeeded",
        ContainerStatuses = [Container(new V1ContainerState { Terminated = new() { ExitCode = 0 } })],
    };

    public static V1ContainerStatus Container(V1ContainerState state) => new() { Name = "worker", State = state };

    public static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;
}
