using System.Text.RegularExpressions;
using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>No file that is committed has a password.</summary>
internal static partial class PasswordRule
{
    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var (_, service) in topology.Services)
        {
            foreach (var (name, value) in service.Environment)
            {
                if (SecretName().IsMatch(name) && !name.EndsWith("_FILE", StringComparison.Ordinal))
                    yield return $"{service.Name}: {name} is in the open; name a file";
                if (name.EndsWith("_FILE", StringComparison.Ordinal) && SecretName().IsMatch(name) && !value.StartsWith("/run/secrets/", StringComparison.Ordinal))
                    yield return $"{service.Name}: {name} is no secret's path";
            }
        }

        foreach (var (path, text) in topology.Texts)
        {
            foreach (Match match in InText().Matches(text))
                yield return $"{path}: '{match.Value.Trim()}' is in the open";
        }
    }

    [GeneratedRegex("PASSWORD|PASSWD|SECRET|TOKEN|_KEYS?($|_FILE)|CREDENTIAL")]
    private static partial Regex SecretName();

    // Settings of servers, and URLs with a password.
    [GeneratedRegex(@"^\s*(requirepass|masterauth|default_pass|user default)\b.*|--requirepass|\w+://[^\s/:@]+:[^\s/@]+@|PASSWORD '[^']*'", RegexOptions.Multiline)]
    private static partial Regex InText();
}
