using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using K8sQueue.Testing;

namespace K8sQueue.Compose.Tests.Run;

/// <summary>The requests of a section of docs/how-to/compose.md, with the answers that it shows.</summary>
internal static partial class Examples
{
    /// <summary>Runs each through the front door; fails where one is answered otherwise.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> RunAsync(string section, FrontDoor door)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "docs", "how-to", "compose.md"));
        var examples = Example().Matches(text.Split("\n## ").Single(part => part.StartsWith(section + "\n", StringComparison.Ordinal)));
        foreach (Match example in examples)
        {
            // Its first line says where people's front door is.
            var command = string.Join('\n', example.Groups["command"].Value.Split('\n')[1..]);
            var answer = await CurlAsync(command, door);
            Shape(answer).Should().Be(Shape(example.Groups["answer"].Value), "{0} answered {1}", command, answer);
        }

        return examples.Count;
    }

    private static async Task<string> CurlAsync(string command, FrontDoor door)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", command]) { RedirectStandardOutput = true };
        start.Environment["API"] = door.Address.ToString().TrimEnd('/');
        start.Environment["KEY"] = door.Key;
        if (door.Authority is not null)
            start.WorkingDirectory = Path.GetDirectoryName(door.Authority)!;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, command);
        return output;
    }

    private static string Shape(string json) => Shape(JsonDocument.Parse(json).RootElement);

    private static string Shape(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(',', element.EnumerateObject().OrderBy(field => field.Name, StringComparer.Ordinal)
            .Select(field => $"{field.Name}:{Shape(field.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(',', element.EnumerateArray().Select(Shape)) + "]",
        var kind => kind.ToString(),
    };

    [GeneratedRegex("```bash\n(?<command>.*?)```\n```json\n(?<answer>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
