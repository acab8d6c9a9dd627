using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace K8sQueue.Quickstart.Run;

/// <summary>The jobs of the quickstart and what each must give. Pure.</summary>
public static class QuickstartJobs
{
    public const string Queue = "quickstart";
    public const string HttpType = "thumbnail";
    public const string ExecType = "shout";

    /// <summary>Every twentieth job runs a command, the others call the local endpoint.</summary>
    public static QuickstartJob Of(int number)
    {
        var payload = new JsonObject { ["n"] = number, ["text"] = $"job {number}" };
        var bytes = Encoding.UTF8.GetBytes(payload.ToJsonString());
        return number % 20 == 0
            ? new QuickstartJob(ExecType, payload, JsonNode.Parse(Encoding.UTF8.GetString(bytes).ToUpperInvariant())!)
            : new QuickstartJob(HttpType, payload, new JsonObject { ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(bytes)) });
    }
}

/// <param name="Type">The job's type.</param>
/// <param name="Payload">Its payload.</param>
/// <param name="Result">What it must give.</param>
public sealed record QuickstartJob(string Type, JsonNode Payload, JsonNode Result);
