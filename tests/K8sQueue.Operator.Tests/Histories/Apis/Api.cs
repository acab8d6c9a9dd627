using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Histories.Apis;

/// <summary>
/// An API server with one namespace: versions, UIDs, generations, finalizers, preconditions, patches that test, subresources, graceful deletion
/// of pods. Objects are immutable once stored, so that a read is only a reference.
/// </summary>
internal sealed class Api(TimeProvider time, Action<string> trace, bool isTraced)
{
    private readonly Dictionary<Type, object> _tables = [];
    private long _version;
    private int _uid;

    /// <summary>Writes by operators that changed something or tried to.</summary>
    public int Writes { get; set; }

    public string Version => _version.ToString(CultureInfo.InvariantCulture);

    public DateTimeOffset Now => time.GetUtcNow() is var now ? now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)) : default;

    public ApiTable<T> Of<T>()
        where T : class, IKubernetesObject
    {
        if (!_tables.TryGetValue(typeof(T), out var table))
            _tables[typeof(T)] = table = new ApiTable<T>(this);
        return (ApiTable<T>)table;
    }

    public void Trace(string format, string kind, string name)
    {
        if (isTraced)
            trace(string.Format(CultureInfo.InvariantCulture, format, kind, name));
    }

    public string NextVersion() => (++_version).ToString(CultureInfo.InvariantCulture);

    public string NextUid() => FormattableString.Invariant($"uid-{++_uid:0000}");

    public T Create<T>(T value)
        where T : class, IKubernetesObject
    {
        if (Of<T>().Get(value.Metadata.Name!) is not null)
            throw Error(HttpStatusCode.Conflict, "AlreadyExists", $"{ResourceType<T>.Plural} \"{value.Metadata.Name}\" already exists");
        return Of<T>().Add(value);
    }

    /// <summary>PUT to <c>/status</c>. The value is the server's from here on, as it is with every write.</summary>
    public T ReplaceStatus<T>(T value, Action<T, T> copyStatus)
        where T : class, IKubernetesObject
    {
        var live = Require<T>(value.Metadata.Name!);
        if (live.Metadata.ResourceVersion != value.Metadata.ResourceVersion || live.Metadata.Uid != value.Metadata.Uid)
            throw Modified<T>(value.Metadata.Name!);
        var next = Shallow.CopyObject(live);
        copyStatus(value, next);
        return Of<T>().Set(next);
    }

    /// <summary>Server-side apply by the only manager there is: fields are added and changed, none goes.</summary>
    public T Apply<T>(T value)
        where T : class, IKubernetesObject
    {
        var live = Require<T>(value.Metadata.Name!);
        if (value.Metadata.Uid is { } uid && uid != live.Metadata.Uid)
            throw Modified<T>(value.Metadata.Name!);
        return Change(live, json => Merge(json, OperatorJson.ToObject(value), removesNulls: false));
    }

    public T Patch<T>(string name, KubernetesPatch patch)
        where T : class, IKubernetesObject =>
        Change(Require<T>(name), json =>
        {
            if (patch.ContentType == KubernetesPatch.MergePatch)
                Merge(json, (JsonObject)patch.Content, removesNulls: true);
            else
                JsonPatch.Apply(json, (JsonArray)patch.Content);
        });

    public bool Delete<T>(string name, DeleteOptions? options = null)
        where T : class, IKubernetesObject
    {
        if (Of<T>().Get(name) is not { } live)
            return false;
        if ((options?.Uid is { } uid && uid != live.Metadata.Uid)
            || (options?.ResourceVersion is { } version && version != live.Metadata.ResourceVersion))
            throw Modified<T>(name);
        if (live is V1Pod pod)
        {
            DeletePod(pod, options?.GracePeriodSeconds);
            return true;
        }

        if (live.IsDeleting())
            return true;
        var next = Shallow.CopyObject(live);
        next.Metadata.DeletionTimestamp = Now;
        Of<T>().Set(next, isNewGeneration: true);
        return true;
    }

    /// <summary>Changes an object as another client would: the edit gets a copy of one level, and must replace what it changes below.</summary>
    public T Edit<T>(string name, Action<T> edit, bool isNewGeneration = false)
        where T : class, IKubernetesObject
    {
        var next = Shallow.CopyObject(Require<T>(name));
        edit(next);
        return Of<T>().Set(next, isNewGeneration);
    }

    /// <summary>Registry strategy of pods: what was never bound, or has ended, goes at once, marked as deleted before.</summary>
    private void DeletePod(V1Pod pod, int? seconds)
    {
        var grace = string.IsNullOrEmpty(pod.Spec.NodeName) || pod.Status?.Phase is "Succeeded" or "Failed"
            ? 0
            : seconds ?? pod.Spec.TerminationGracePeriodSeconds ?? 30;
        if (pod.IsDeleting() && grace >= pod.Metadata.DeletionGracePeriodSeconds && grace > 0)
            return;
        var next = Shallow.CopyObject(pod);
        next.Metadata.DeletionTimestamp = Now.AddSeconds(grace);
        next.Metadata.DeletionGracePeriodSeconds = grace;
        Of<V1Pod>().Set(next);
        if (grace == 0)
            Of<V1Pod>().Remove(next.Metadata.Name!);
    }

    private T Change<T>(T live, Action<JsonObject> change)
        where T : class, IKubernetesObject
    {
        var json = OperatorJson.ToObject(live);
        var before = json.DeepClone();
        // What is built from objects compares equal to what is parsed only after a round trip.
        json = (JsonObject)JsonNode.Parse(json.ToJsonString())!;
        change(json);
        var next = json.Deserialize(OperatorJson.Options.TypeInfo<T>())!;
        var after = OperatorJson.ToObject(next);
        if (JsonNode.DeepEquals(before, after))
            return live;
        (next.Metadata.Uid, next.Metadata.CreationTimestamp) = (live.Metadata.Uid, live.Metadata.CreationTimestamp);
        return Of<T>().Set(next, next is not V1Pod && !JsonNode.DeepEquals(before["spec"], after["spec"]));
    }

    private static void Merge(JsonObject target, JsonObject patch, bool removesNulls)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null && removesNulls)
                target.Remove(name);
            else if (value is JsonObject child && target[name] is JsonObject existing)
                Merge(existing, child, removesNulls);
            else
                target[name] = value?.DeepClone();
        }
    }

    private T Require<T>(string name)
        where T : class, IKubernetesObject =>
        Of<T>().Get(name) ?? throw Error(HttpStatusCode.NotFound, "NotFound", $"{ResourceType<T>.Plural} \"{name}\" not found");

    private static KubernetesApiException Modified<T>(string name)
        where T : class, IKubernetesObject =>
        Error(HttpStatusCode.Conflict, "Conflict", $"{ResourceType<T>.Plural} \"{name}\": the object has been modified");

    private static KubernetesApiException Error(HttpStatusCode code, string reason, string message) => new(code, reason, message);
}
