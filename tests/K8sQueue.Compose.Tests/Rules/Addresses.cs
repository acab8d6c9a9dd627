using System.Globalization;
using System.Text.RegularExpressions;
using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>Where a service is told that others are: <c>host:port</c> in its variables, its command, and the files that it mounts.</summary>
internal static partial class Addresses
{
    public static IEnumerable<(string Host, int Port)> In(ComposeFile file, ComposeService service) => service.Texts
        .Concat(file.MountedFiles(service).Select(mounted => Comment().Replace(mounted.Text, "")))
        .SelectMany(text => Address().Matches(text))
        .Select(match => (match.Groups["host"].Value, int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture)))
        .Where(address => address.Value is not ("localhost" or "127.0.0.1"))
        .Distinct();

    [GeneratedRegex(@"(?<![\w.$}:-])(?<host>[a-z][a-z0-9-]*|127\.0\.0\.1):(?<port>\d{2,5})(?![\w.])")]
    private static partial Regex Address();

    [GeneratedRegex(@"^\s*(#|--).*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
