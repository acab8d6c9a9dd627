using System.Text.Json;
using System.Text.Json.Serialization;
using K8sQueue.Core.Redis;

namespace K8sQueue.Core;

/// <summary>The JSON of this assembly.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(ScriptManifest))]
internal sealed partial class CoreJsonContext : JsonSerializerContext;
