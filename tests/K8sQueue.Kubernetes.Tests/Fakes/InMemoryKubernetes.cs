using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Kubernetes.Tests.Fakes;

/// <summary>Objects in memory behind the client's interface: versions, conflicts, finalizers, JSON patches of finalizers, watches.</summary>
public sealed class InMemoryKubernetes : IKubernetesClient
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(Type Kind, NamespacedName Key), IKubernetesObject> _objects = [];
    private readonly List<(Type Kind, string? Namespace, Channel<object> Events)> _watches = [];
    private readonly JsonSerializerOptions _json = KubernetesJson.CreateOptions(TestJsonContext.Default);
    private long _version;

    /// <summary>Called before each call; may throw in the server's place, or wait.</summary>
    public Func<string, Task> BeforeCall { get; set; } = _ => Task.CompletedTask;

    /// <summary>Kinds that may not be listed in a namespace.</summary>
    public Func<Type, string?, bool> IsRefused { get; set; } = (_, _) => false;

    public ConcurrentQueue<string> Calls { get; } = new();

    public async Task<T?> GetAsync<T>(string name, string? @namespace, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await CallAsync<T>("get", name, cancellationToken);
        lock (_gate)
            return Find<T>(new NamespacedName(@namespace ?? "", name)) is { } found ? _json.Clone(found) : null;
    }

    public async Task<KubernetesList<T>> ListAsync<T>(string? @namespace, ListOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await CallAsync<T>("list", "", cancellationToken);
        if (IsRefused(typeof(T), @namespace))
            throw new KubernetesApiException(HttpStatusCode.Forbidden, "Forbidden", $"cannot list {typeof(T).Name} in {@namespace}");
        lock (_gate)
            return new KubernetesList<T>([.. _objects.Values.OfType<T>().Where(o => IsIn(o, @namespace)).Select(o => _json.Clone(o))], Version());
    }

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        string? @namespace, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var channel = Channel.CreateUnbounded<object>();
        lock (_gate)
        {
            // What happened between the list and the watch is replayed as a change.
            var after = long.Parse(options.ResourceVersion, null);
            foreach (var missed in _objects.Values.OfType<T>().Where(o => IsIn(o, @namespace) && long.Parse(o.Metadata.ResourceVersion!, null) > after))
                channel.Writer.TryWrite(new WatchEvent<T>(WatchEventType.Modified, _json.Clone(missed)));
            _watches.Add((typeof(T), @namespace, channel));
        }

        await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken))
            yield return (WatchEvent<T>)change;
    }

    public async Task<T> CreateAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await CallAsync<T>("create", value.Metadata.Name!, cancellationToken);
        lock (_gate)
        {
            if (Find<T>(value.Key()) is not null)
                throw new KubernetesApiException(HttpStatusCode.Conflict, "AlreadyExists", "already exists");
            var made = _json.Clone(value);
            made.Metadata.Uid = Guid.NewGuid().ToString();
            return Store(made, WatchEventType.Added);
        }
    }

    public async Task<T> ReplaceAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await CallAsync<T>("replace", value.Metadata.Name!, cancellationToken);
        lock (_gate)
        {
            var old = Find<T>(value.Key()) ?? throw new KubernetesApiException(HttpStatusCode.NotFound, "NotFound", "gone");
            if (value.Metadata.ResourceVersion is { } version && version != old.Metadata.ResourceVersion)
                throw new KubernetesApiException(HttpStatusCode.Conflict, "Conflict", "the object has been modified");
            return Store(_json.Clone(value), WatchEventType.Modified);
        }
    }

    public Task<T> ReplaceStatusAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => ReplaceAsync(value, cancellationToken);

    public async Task<T> PatchAsync<T>(
        string name, string? @namespace, KubernetesPatch patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await CallAsync<T>("patch", name, cancellationToken);
        lock (_gate)
        {
            var old = Find<T>(new NamespacedName(@namespace ?? "", name)) ?? throw new KubernetesApiException(HttpStatusCode.NotFound, "NotFound", "gone");
            var node = JsonSerializer.SerializeToNode(old, _json.TypeInfo<T>())!.AsObject();
            if (patch.ContentType == KubernetesPatch.MergePatch)
            {
                foreach (var (key, value) in patch.Content.AsObject())
                    node[key] = value?.DeepClone();
            }
            else
            {
                foreach (var operation in patch.Content.AsArray())
                    Apply(node, operation!);
            }

            return Store(node.Deserialize(_json.TypeInfo<T>())!, WatchEventType.Modified);
        }
    }

    public async Task<bool> DeleteAsync<T>(string name, string? @namespace, DeleteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await CallAsync<T>("delete", name, cancellationToken);
        lock (_gate)
        {
            if (Find<T>(new NamespacedName(@namespace ?? "", name)) is not { } found)
                return false;
            found = _json.Clone(found);
            found.Metadata.DeletionTimestamp = DateTimeOffset.UnixEpoch;
            Store(found, WatchEventType.Modified);
            return true;
        }
    }

    public Task<T> ApplyAsync<T>(T value, string fieldManager, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public Task<V1Scale> GetScaleAsync<T>(string name, string @namespace, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public Task<V1Scale> ReplaceScaleAsync<T>(V1Scale scale, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public Task<bool> IsServedAsync<T>(CancellationToken cancellationToken)
        where T : class, IKubernetesObject => Task.FromResult(true);

    private static void Apply(JsonObject root, JsonNode operation)
    {
        var segments = ((string)operation["path"]!).Split('/')[1..];
        JsonNode parent = root;
        foreach (var segment in segments[..^1])
            parent = parent[segment]!;
        var (last, value) = (segments[^1], operation["value"]);
        switch ((string?)operation["op"], parent)
        {
            case ("test", _) when (string?)parent[last] != (string?)value:
                throw new KubernetesApiException(HttpStatusCode.UnprocessableEntity, "Invalid", "test failed");
            case ("test", _):
                break;
            case ("add", JsonArray array):
                array.Add(value!.DeepClone());
                break;
            case ("add", JsonObject map):
                map[last] = value!.DeepClone();
                break;
            case ("remove", JsonArray array):
                array.RemoveAt(int.Parse(last, CultureInfo.InvariantCulture));
                break;
            default:
                throw new NotSupportedException(operation.ToJsonString());
        }
    }

    private async Task CallAsync<T>(string verb, string name, CancellationToken cancellationToken)
    {
        Calls.Enqueue($"{verb} {typeof(T).Name} {name}".TrimEnd());
        await BeforeCall(verb).WaitAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private T? Find<T>(NamespacedName key)
        where T : class => (T?)_objects.GetValueOrDefault((typeof(T), key));

    private static bool IsIn(IKubernetesObject value, string? @namespace) => @namespace is null || value.Metadata.Namespace == @namespace;

    private string Version() => _version.ToString(CultureInfo.InvariantCulture);

    // An object that is being deleted goes with its last finalizer.
    private T Store<T>(T value, WatchEventType type)
        where T : class, IKubernetesObject
    {
        _version++;
        value.Metadata.ResourceVersion = Version();
        if (value.IsDeleting() && value.Metadata.Finalizers is null or [])
        {
            _objects.Remove((typeof(T), value.Key()));
            type = WatchEventType.Deleted;
        }
        else
        {
            _objects[(typeof(T), value.Key())] = value;
        }

        foreach (var (kind, @namespace, events) in _watches)
        {
            if (kind == typeof(T) && IsIn(value, @namespace))
                events.Writer.TryWrite(new WatchEvent<T>(type, _json.Clone(value)));
        }

        return _json.Clone(value);
    }
}
