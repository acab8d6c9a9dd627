using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.BuiltIns;
using K8sQueue.LocalCluster.Tables;

namespace K8sQueue.LocalCluster.Resources;

/// <summary>The built-in kinds.</summary>
internal static class BuiltInResources
{
    private const string Networking = "networking.k8s.io";
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string AdmissionRegistration = "admissionregistration.k8s.io";

    private static readonly ScalePaths WorkloadScale = new(["spec", "replicas"], ["status", "replicas"], ["spec", "selector"]);

    public static IReadOnlyList<ResourceType> All { get; } =
    [
        Make(GroupResource.Namespaces, "Namespace", new NamespaceStrategy(), BuiltInColumns.Namespaces, status: true) with
        {
            Namespaced = false,
            ShortNames = ["ns"],
            Extra = [("finalize", "Namespace", ["update"])],
        },
        Make(GroupResource.Nodes, "Node", new DefaultStrategy(), BuiltInColumns.Nodes, status: true) with
        {
            Namespaced = false,
            ShortNames = ["no"],
        },
        Make(GroupResource.Pods, "Pod", new PodStrategy(), BuiltInColumns.Pods, status: true) with
        {
            ShortNames = ["po"],
            Categories = ["all"],
            HasGeneration = true,
            Extra = [("log", "Pod", ["get"]), ("eviction", "Eviction", ["create"])],
        },
        Make(GroupResource.ConfigMaps, "ConfigMap", new ConfigMapStrategy(), BuiltInColumns.ConfigMaps) with { ShortNames = ["cm"] },
        Make(GroupResource.Secrets, "Secret", new SecretStrategy(), BuiltInColumns.Secrets),
        Make(GroupResource.Services, "Service", new ServiceStrategy(), BuiltInColumns.Services, status: true) with
        {
            ShortNames = ["svc"],
            Categories = ["all"],
        },
        Make(GroupResource.ServiceAccounts, "ServiceAccount", new DefaultStrategy(), BuiltInColumns.ServiceAccounts) with
        {
            ShortNames = ["sa"],
            Extra = [("token", "TokenRequest", ["create"])],
        },
        Make(new GroupResource("", "persistentvolumeclaims"), "PersistentVolumeClaim", new DefaultStrategy(), CommonColumns.NameAndAge, status: true) with
        {
            ShortNames = ["pvc"],
        },
        Make(GroupResource.Events, "Event", new DefaultStrategy(), BuiltInColumns.Events) with { ShortNames = ["ev"] },
        Make(GroupResource.Deployments, "Deployment", new DeploymentStrategy(), BuiltInColumns.Deployments, status: true, scale: WorkloadScale) with
        {
            ShortNames = ["deploy"],
            Categories = ["all"],
            HasGeneration = true,
        },
        Make(GroupResource.ReplicaSets, "ReplicaSet", new ReplicaSetStrategy(), BuiltInColumns.ReplicaSets, status: true, scale: WorkloadScale) with
        {
            ShortNames = ["rs"],
            Categories = ["all"],
            HasGeneration = true,
        },
        Make(GroupResource.HorizontalPodAutoscalers, "HorizontalPodAutoscaler", new AutoscalerStrategy(),
            BuiltInColumns.HorizontalPodAutoscalers, "v2", status: true) with
        {
            ShortNames = ["hpa"],
            Categories = ["all"],
        },
        Make(GroupResource.PodDisruptionBudgets, "PodDisruptionBudget", new DisruptionBudgetStrategy(),
            BuiltInColumns.PodDisruptionBudgets, status: true) with
        {
            ShortNames = ["pdb"],
            HasGeneration = true,
        },
        Make(new GroupResource(Networking, "ingresses"), "Ingress", new DefaultStrategy(), CommonColumns.NameAndAge, status: true) with
        {
            ShortNames = ["ing"],
            HasGeneration = true,
        },
        Make(new GroupResource(Networking, "networkpolicies"), "NetworkPolicy", new DefaultStrategy(), CommonColumns.NameAndAge) with
        {
            ShortNames = ["netpol"],
            HasGeneration = true,
        },
        Make(new GroupResource("events.k8s.io", "events"), "Event", new DefaultStrategy(), BuiltInColumns.Events, schema: "EventV1") with
        {
            ShortNames = ["ev"],
            StoredAs = GroupResource.Events,
            Conversion = new EventConversion(),
        },
        Make(GroupResource.Leases, "Lease", new DefaultStrategy(), BuiltInColumns.Leases),
        Make(new GroupResource(Rbac, "roles"), "Role", new DefaultStrategy(), BuiltInColumns.WithTimestamp),
        Make(new GroupResource(Rbac, "rolebindings"), "RoleBinding", new DefaultStrategy(), BuiltInColumns.Bindings),
        Make(new GroupResource(Rbac, "clusterroles"), "ClusterRole", new DefaultStrategy(), BuiltInColumns.WithTimestamp) with { Namespaced = false },
        Make(new GroupResource(Rbac, "clusterrolebindings"), "ClusterRoleBinding", new DefaultStrategy(), BuiltInColumns.Bindings) with
        {
            Namespaced = false,
        },
        Make(new GroupResource(AdmissionRegistration, "validatingadmissionpolicies"), "ValidatingAdmissionPolicy", new DefaultStrategy(),
            CommonColumns.NameAndAge, status: true) with
        {
            Namespaced = false,
            HasGeneration = true,
        },
        Make(new GroupResource(AdmissionRegistration, "validatingadmissionpolicybindings"), "ValidatingAdmissionPolicyBinding",
            new DefaultStrategy(), CommonColumns.NameAndAge) with
        {
            Namespaced = false,
            HasGeneration = true,
        },
        Make(GroupResource.CustomResourceDefinitions, "CustomResourceDefinition", new DefinitionStrategy(), BuiltInColumns.Definitions,
            status: true) with
        {
            Namespaced = false,
            ShortNames = ["crd", "crds"],
            Categories = ["api-extensions"],
            HasGeneration = true,
        },
    ];

    private static ResourceType Make(
        GroupResource resource, string kind, IResourceStrategy strategy, IReadOnlyList<TableColumn> columns, string version = "v1",
        bool status = false, ScalePaths? scale = null, string? schema = null) =>
        new(resource, kind)
        {
            Versions = [new ResourceVersion(version, SchemaLanguage.BuiltIn.Kind(schema ?? kind), columns) { HasStatus = status, Scale = scale }],
            StorageVersion = version,
            Strategy = strategy,
        };
}
