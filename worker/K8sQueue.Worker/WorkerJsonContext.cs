using System.Text.Json;
using System.Text.Json.Serialization;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Management;

namespace K8sQueue.Worker;

/// <summary>The JSON of this assembly.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(InFlightDocument))]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(Dictionary<string, HandlerSettings?>))]
[JsonSerializable(typeof(string))]
internal sealed partial class WorkerJsonContext : JsonSerializerContext;
