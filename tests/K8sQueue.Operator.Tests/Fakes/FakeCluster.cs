using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Operator.Tests.Fakes;

/// <summary>Objects as an API server keeps them: versions, UIDs, generations, finalizers. No validation, no controllers.</summary>
internal sealed class FakeCluster(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<(string Plural, string Namespace, string Name), JsonObject> _objects = [];
    private int _version;
    private int _uid;

    /// <summary>Plurals that the server does not know.</summary>
    public HashSet<string> Unserved { get; } = [];

    /// <summary>Why the operator may not list ScaledObjects; they are then among <see cref="Unserved"/>, too.</summary>
    public string? KedaRefusal { get; set; }

    /// <summary>Every write: verb, plural, name.</summary>
    public List<string> Writes { get; } = [];

    /// <summary>Refuses an object that is about to be created or applied; null for not.</summary>
    public Func<IKubernetesObject, KubernetesApiException?> Admission { get; set; } = _ => null;

    /// <summary>Refuses a patch of an object; null for not.</summary>
    public Func<IKubernetesObject, KubernetesApiException?> PatchAdmission { get; set; } = _ => null;

    public T? Get<T>(string name, string? @namespace)
        where T : class, IKubernetesObject
    {
        using var turn = _gate.EnterScope();
        CheckServed<T>();
        return _objects.TryGetValue(Key<T>(name, @namespace), out var json) ? Read<T>(json) : null;
    }

    public IReadOnlyList<T> List<T>(string? @namespace, string? selector = null)
        where T : class, IKubernetesObject
    {
        using var turn = _gate.EnterScope();
        CheckServed<T>();
        return [.. _objects.Where(entry => entry.Key.Plural == ResourceType<T>.Plural && (@namespace is null || entry.Key.Namespace == @namespace))
            .Select(entry => Read<T>(entry.Value)).Where(value => Matches(value, selector))];
    }

    public string Version
    {
        get
        {
            using var turn = _gate.EnterScope();
            return FormattableString.Invariant($"{_version}");
        }
    }

    public T Create<T>(T value)
        where T : class, IKubernetesObject
    {
        using var turn = _gate.EnterScope();
        CheckServed<T>();
        if (Admission(value) is { } refusal)
            throw refusal;
        var key = Key<T>(value.Metadata.Name!, value.Metadata.Namespace);
        if (_objects.ContainsKey(key))
            throw Error(HttpStatusCode.Conflict, "AlreadyExists", $"{key.Plural} \"{key.Name}\" already exists");
        var json = Json(value);
        var metadata = json["metadata"]!;
        metadata["uid"] = FormattableString.Invariant($"uid-{++_uid}");
        metadata["generation"] = 1L;
        metadata["creationTimestamp"] = Stamp(time.GetUtcNow());
        return Store<T>(key, json, "create");
    }

    public T Replace<T>(T value, bool statusOnly)
        where T : class, IKubernetesObject
    {
        using var turn = _gate.EnterScope();
        var key = Key<T>(value.Metadata.Name!, value.Metadata.Namespace);
        var live = Require(key);
        if ((string?)live["metadata"]!["resourceVersion"] != value.Metadata.ResourceVersion || (string?)live["metadata"]!["uid"] != value.Metadata.Uid)
            throw Error(HttpStatusCode.Conflict, "Conflict", $"{key.Plural} \"{key.Name}\": the object has been modified");
        var json = Json(value);
        var next = (JsonObject)live.DeepClone();
        if (statusOnly)
            next["status"] = json["status"]?.DeepClone();
        else
            ReplaceAllBut(next, json, "metadata", "status");
        return Store<T>(key, next, statusOnly ? "status" : "replace");
    }

    public T Apply<T>(T value)
        where T : class, IKubernetesObject
    {
        using var turn = _gate.EnterScope();
        if (Admission(value) is { } refusal)
            throw refusal;
        var key = Key<T>(value.Metadata.Name!, value.Metadata.Namespace);
        var live = Require(key);
        if (value.Metadata.Uid is { } uid && (string?)live["metadata"]!["uid"] != uid)
            throw Error(HttpStatusCode.Conflict, "Conflict", "the UID is another");
        var next = (JsonObject)live.DeepClone();
        Merge(next, Json(value), removeNulls: false);
        return Store<T>(key, next, "apply");
    }

    public T Patch<T>(string name, string? @namespace, KubernetesPatch patch)
        where T : class, IKubernetesObject
    {
        using var turn = _gate.EnterScope();
        var key = Key<T>(name, @namespace);
        var next = (JsonObject)Require(key).DeepClone();
        if (PatchAdmission(Read<T>(next)) is { } refusal)
            throw refusal;
        if (patch.ContentType == KubernetesPatch.MergePatch)
            Merge(next, (JsonObject)patch.Content, removeNulls: true);
        else
            JsonPatch.Apply(next, (JsonArray)patch.Content);
        return Store<T>(key, next, "patch");
    }

    public bool Delete<T>(string name, string? @namespace, string? uid = null, string? resourceVersion = null, bool isGraceful = false)
        where T : class, IKubernetesObject
    {
        using var turn = _gate.EnterScope();
        var key = Key<T>(name, @namespace);
        if (!_objects.TryGetValue(key, out var live))
            return false;
        if (uid is not null && (string?)live["metadata"]!["uid"] != uid)
            throw Error(HttpStatusCode.Conflict, "Conflict", "the UID is another");
        if (resourceVersion is not null && (string?)live["metadata"]!["resourceVersion"] != resourceVersion)
            throw Error(HttpStatusCode.Conflict, "Conflict", "the object has been modified");
        Writes.Add($"delete {key.Plural}/{key.Name}");
        _version++;
        if (live["metadata"]!["finalizers"] is JsonArray { Count: > 0 } || (isGraceful && IsBound(live)))
        {
            live["metadata"]!["resourceVersion"] = Version;
            live["metadata"]!["deletionTimestamp"] ??= Stamp(time.GetUtcNow());
        }
        else
        {
            _objects.Remove(key);
        }

        return true;
    }

    /// <summary>Takes an object away, as when its last finalizer or its kubelet is through.</summary>
    public void Remove<T>(string name, string? @namespace)
        where T : class, IKubernetesObject
    {
        using var turn = _gate.EnterScope();
        _version++;
        _objects.Remove(Key<T>(name, @namespace));
    }

    /// <summary>Changes an object as another client would.</summary>
    public T Change<T>(string name, string? @namespace, Action<T> change)
        where T : class, IKubernetesObject
    {
        using var turn = _gate.EnterScope();
        var value = Get<T>(name, @namespace)!;
        change(value);
        var key = Key<T>(name, @namespace);
        var count = Writes.Count;
        var stored = Store<T>(key, Json(value), "change");
        Writes.RemoveRange(count, Writes.Count - count);
        return stored;
    }

    private T Store<T>((string Plural, string Namespace, string Name) key, JsonObject json, string verb)
        where T : class, IKubernetesObject
    {
        var metadata = json["metadata"]!;
        if (_objects.TryGetValue(key, out var before) && !JsonNode.DeepEquals(before["spec"], json["spec"]))
            metadata["generation"] = before["metadata"]!["generation"]!.GetValue<long>() + 1;
        if (before is null || !JsonNode.DeepEquals(before, json))
            metadata["resourceVersion"] = FormattableString.Invariant($"{++_version}");
        _objects[key] = json;
        Writes.Add($"{verb} {key.Plural}/{key.Name}");
        return Read<T>(json);
    }

    private static void ReplaceAllBut(JsonObject next, JsonObject json, params string[] kept)
    {
        foreach (var name in next.Select(field => field.Key).Concat(json.Select(field => field.Key)).Except(kept).ToList())
            next[name] = json[name]?.DeepClone();
        next["metadata"]!["ownerReferences"] = json["metadata"]!["ownerReferences"]?.DeepClone();
    }

    private static bool IsBound(JsonObject pod) => pod["spec"]?["nodeName"] is not null;

    private JsonObject Require((string Plural, string Namespace, string Name) key) =>
        _objects.GetValueOrDefault(key) ?? throw Error(HttpStatusCode.NotFound, "NotFound", $"{key.Plural} \"{key.Name}\" not found");

    private void CheckServed<T>()
        where T : class, IKubernetesObject
    {
        if (Unserved.Contains(ResourceType<T>.Plural))
            throw Error(HttpStatusCode.NotFound, "NotFound", "the server could not find the requested resource");
    }

    private static (string Plural, string Namespace, string Name) Key<T>(string name, string? @namespace)
        where T : class, IKubernetesObject => (ResourceType<T>.Plural, @namespace ?? "", name);

    private static void Merge(JsonObject target, JsonObject patch, bool removeNulls)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null && removeNulls)
                target.Remove(name);
            else if (value is JsonObject child && target[name] is JsonObject existing)
                Merge(existing, child, removeNulls);
            else
                target[name] = value?.DeepClone();
        }
    }

    /// <summary><c>key</c>, <c>!key</c>, <c>key=value</c> or <c>key!=value</c>.</summary>
    private static bool MatchesOne(IKubernetesObject value, string selector) => selector.Split('=') switch
    {
        [['!', .. var absent]] => value.Label(absent) is null,
        [[.. var key, '!'], var unwanted] => value.Label(key) != unwanted,
        [var key, var wanted] => value.Label(key) == wanted,
        _ => value.Label(selector) is not null,
    };

    private static bool Matches(IKubernetesObject value, string? selector) =>
        string.IsNullOrEmpty(selector) || selector.Split(',').All(part => MatchesOne(value, part));

    private static JsonObject Json<T>(T value) => (JsonObject)JsonNode.Parse(OperatorJson.ToObject(value).ToJsonString())!;

    private static T Read<T>(JsonObject json)
        where T : class, IKubernetesObject => json.Deserialize(OperatorJson.Options.TypeInfo<T>())!;

    private static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static KubernetesApiException Error(HttpStatusCode code, string reason, string message) => new(code, reason, message);
}
