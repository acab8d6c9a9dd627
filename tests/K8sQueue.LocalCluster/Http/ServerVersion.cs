using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Http;

/// <summary>/version: whose behaviour is followed, and that this is not it.</summary>
internal static class ServerVersion
{
    public const string GitVersion = "v1.34.0-localcluster";

    public static JsonObject Body() => new()
    {
        ["major"] = "1",
        ["minor"] = "34",
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "none",
        ["compiler"] = "none",
        ["platform"] = "localcluster",
    };
}
