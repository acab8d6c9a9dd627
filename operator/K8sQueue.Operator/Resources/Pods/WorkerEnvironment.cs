using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Resources.Pods;

/// <summary>Tells a worker what the pool knows, by environment variables; one that the template sets itself stays.</summary>
internal static class WorkerEnvironment
{
    public const string ManagementPort = "K8SQUEUE_MANAGEMENT_PORT";
    public const int DefaultManagementPort = 8081;

    private const string RedisPassword = "K8SQUEUE_REDIS_PASSWORD";
    private const string RedisCaFile = "K8SQUEUE_REDIS_CA_FILE";
    private const string MountFolder = "/var/run/k8squeue";

    public static void AddTo(JsonObject podSpec, JsonObject worker, V1Alpha1WorkerPool pool)
    {
        var env = worker.List("env");
        Add(env, "K8SQUEUE_POD_NAME", Field("metadata.name"));
        Add(env, "K8SQUEUE_POD_NAMESPACE", Field("metadata.namespace"));
        Add(env, "K8SQUEUE_DRAIN_TIMEOUT_SECONDS", Value(pool.Spec.Drain.TimeoutSeconds));
        if (pool.Spec.Connections is [var first, ..])
        {
            Add(env, "K8SQUEUE_DB_POOL_SIZE", Value(first.PerReplica));
            // What libpq and its kin call themselves: so the server shows whose a connection is.
            Add(env, "PGAPPNAME", Field("metadata.name"));
        }

        var native = pool.Spec.Queues.FindAll(queue => queue.K8squeue is not null);
        if (native is [var queue, ..])
        {
            Add(env, "K8SQUEUE_QUEUES", Value(string.Join(',', native.Select(item => item.Name))));
            AddRedis(env, podSpec, worker, queue.K8squeue!.Redis);
            Add(env, ManagementPort, Value(PortOf(worker)));
        }

        if (Drains.ManagementPort.IsServedBy(pool.Spec))
        {
            AddUnlessFile(env, "K8SQUEUE_MANAGEMENT_TOKEN",
                Secret(ChildMetadata.ManagementSecretName(pool.Metadata.Name!), ManagementSecretBuilder.TokenKey));
        }
    }

    /// <summary>The port of <c>/healthz</c> and its kin: what the template tells the worker, or else declares, or the default.</summary>
    public static int PortOf(JsonObject worker) =>
        int.TryParse((worker["env"] as JsonArray)?.Named(ManagementPort).At("value").Text(), CultureInfo.InvariantCulture, out var port)
            ? port
            : Drains.ManagementPort.DeclaredBy(worker) ?? DefaultManagementPort;

    private static void AddRedis(JsonArray env, JsonObject podSpec, JsonObject worker, RedisConnectionSpec redis)
    {
        Add(env, "K8SQUEUE_REDIS_ADDRESS", Value(redis.Address));
        if (redis.Database != 0)
            Add(env, "K8SQUEUE_REDIS_DATABASE", Value(redis.Database));
        if (redis.Tls)
            Add(env, "K8SQUEUE_REDIS_TLS", Value("true"));
        if (redis.PasswordSecretRef is { } password && env.Named(RedisPassword) is null && env.Named(RedisPassword + "_FILE") is null)
        {
            // The file goes first, since it follows a rotation. The variable is for workers in other languages, and by it a kubelet names a Secret
            // that is missing, where it would only wait for the volume of one.
            Add(env, RedisPassword, Secret(password.Name, password.Key));
            Add(env, RedisPassword + "_FILE", Value(Mount(podSpec, worker, password, "redis-password", "password", isOptional: true)));
        }

        if (redis.CaSecretRef is { } ca && env.Named(RedisCaFile) is null)
            Add(env, RedisCaFile, Value(Mount(podSpec, worker, ca, "redis-ca", "ca.crt", isOptional: false)));
    }

    /// <summary>Mounts a key of a Secret as a file, and answers its path.</summary>
    private static string Mount(JsonObject podSpec, JsonObject worker, SecretKeyReference secret, string name, string file, bool isOptional)
    {
        var (volume, folder) = ($"k8squeue-{name}", $"{MountFolder}/{name}");
        var source = new JsonObject
        {
            ["secretName"] = secret.Name,
            ["items"] = new JsonArray(new JsonObject { ["key"] = secret.Key, ["path"] = file }),
        };
        if (isOptional)
            source["optional"] = true;
        podSpec.List("volumes").Add(new JsonObject { ["name"] = volume, ["secret"] = source });
        worker.List("volumeMounts").Add(new JsonObject { ["name"] = volume, ["mountPath"] = folder, ["readOnly"] = true });
        return $"{folder}/{file}";
    }

    private static void AddUnlessFile(JsonArray env, string name, JsonObject source)
    {
        if (env.Named(name + "_FILE") is null)
            Add(env, name, source);
    }

    private static void Add(JsonArray env, string name, JsonObject source)
    {
        if (env.Named(name) is not null)
            return;
        source.Insert(0, "name", name);
        env.Add(source);
    }

    private static JsonObject Value(string value) => new() { ["value"] = value };

    private static JsonObject Value(int value) => Value(value.ToString(CultureInfo.InvariantCulture));

    private static JsonObject Field(string path) =>
        new() { ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = path } } };

    private static JsonObject Secret(string name, string key) =>
        new() { ["valueFrom"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = name, ["key"] = key } } };
}
