using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.Runtime;

/// <summary>
/// Writes core/v1 Events, so that <c>kubectl describe</c> tells what happened. The same reason and message about the same object is one Event with a count.
/// </summary>
internal sealed partial class EventRecorder(IClusterApi api, TimeProvider time, ILogger<EventRecorder> logger)
{
    public const string Normal = "Normal";
    public const string Warning = "Warning";

    private const string DefaultNamespace = "default";

    /// <summary>A real API server forgets Events after an hour; here the oldest goes when there are more than this.</summary>
    private const int MaxEvents = 5_000;

    private readonly Dictionary<(string Uid, string Reason, string Message), ObjectKey> _written = [];
    private readonly Queue<((string, string, string) Key, ObjectKey Name)> _order = [];
    private readonly Lock _lock = new();
    private long _sequence = time.GetUtcNow().UtcTicks;

    public void Record(string component, JsonObject about, string type, string reason, string message, string? fieldPath = null)
    {
        try
        {
            lock (_lock)
            {
                var key = (about.Uid(), reason, message);
                if (!_written.TryGetValue(key, out var name) || !CountAgain(name))
                {
                    name = Create(component, about, type, reason, message, fieldPath);
                    _written[key] = name;
                    _order.Enqueue((key, name));
                    ForgetOldest();
                }
            }
        }
        catch (ClusterApiException e)
        {
            // Events are a courtesy: a namespace that is going away refuses them.
            Log.EventRefused(logger, reason, about.Key(), e.Message);
        }
    }

    private void ForgetOldest()
    {
        if (_order.Count <= MaxEvents)
            return;
        var (key, name) = _order.Dequeue();
        if (_written.TryGetValue(key, out var latest) && latest == name)
            _written.Remove(key);
        api.Delete(GroupResource.Events, name.Namespace, name.Name);
    }

    private bool CountAgain(ObjectKey name) =>
        api.Modify(GroupResource.Events, name.Namespace, name.Name, e =>
        {
            e["count"] = (e.IntegerAt("count") ?? 1) + 1;
            e["lastTimestamp"] = time.GetUtcNow().ToTimestamp();
            return true;
        }) is not null;

    private ObjectKey Create(string component, JsonObject about, string type, string reason, string message, string? fieldPath)
    {
        var now = time.GetUtcNow().ToTimestamp();
        var @namespace = about.Namespace() ?? DefaultNamespace;
        var involved = new JsonObject
        {
            ["apiVersion"] = about.TextAt("apiVersion"),
            ["kind"] = about.TextAt("kind"),
            ["name"] = about.Name(),
            ["namespace"] = about.Namespace(),
            ["uid"] = about.Uid(),
            ["resourceVersion"] = about.TextAt("metadata", "resourceVersion"),
            ["fieldPath"] = fieldPath,
        };
        foreach (var absent in involved.Where(p => p.Value is null).Select(p => p.Key).ToList())
            involved.Remove(absent);
        var created = api.Create(GroupResource.Events, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = $"{about.Name()}.{++_sequence:x16}", ["namespace"] = @namespace },
            ["involvedObject"] = involved,
            ["type"] = type,
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = new JsonObject { ["component"] = component },
            ["reportingComponent"] = component,
            ["reportingInstance"] = "",
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
        });
        return created.Key();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "The event {Reason} about {Key} was refused: {Refusal}")]
        public static partial void EventRefused(ILogger logger, string reason, ObjectKey key, string refusal);
    }
}
