using System.Text;
using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Controllers.Deployments;

/// <summary>The <c>pod-template-hash</c> of a template: FNV-1a of its canonical JSON, in the alphabet that makes no words.</summary>
internal static class TemplateHash
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const uint OffsetBasis = 2166136261;
    private const uint Prime = 16777619;

    public static string Of(JsonObject template, int collisions = 0)
    {
        var text = new StringBuilder();
        AppendCanonical(text, template);
        if (collisions > 0)
            text.Append('#').Append(collisions);
        var hash = OffsetBasis;
        foreach (var b in Encoding.UTF8.GetBytes(text.ToString()))
            hash = unchecked((hash ^ b) * Prime);
        return string.Concat($"{hash}".Select(c => Alphabet[c % Alphabet.Length]));
    }

    private static void AppendCanonical(StringBuilder text, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject members:
                text.Append('{');
                foreach (var (name, member) in members.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    text.Append(name).Append(':');
                    AppendCanonical(text, member);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                foreach (var item in items)
                {
                    AppendCanonical(text, item);
                    text.Append(',');
                }

                text.Append(']');
                break;
            default:
                text.Append(value?.ToJsonString() ?? "null");
                break;
        }
    }
}
