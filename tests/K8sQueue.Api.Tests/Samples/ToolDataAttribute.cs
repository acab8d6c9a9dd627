using System.Reflection;
using Xunit.Sdk;

namespace K8sQueue.Api.Tests.Samples;

/// <summary>
/// A theory's data where a tool is installed, and otherwise a skipped test that says so. CI has every tool: there the test is run, and fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
[DataDiscoverer("Xunit.Sdk.DataDiscoverer", "xunit.core")]
internal sealed class ToolDataAttribute : DataAttribute
{
    private readonly string _tool;

    public ToolDataAttribute(string tool)
    {
        _tool = tool;
        if (Excuse(tool, isCI: Environment.GetEnvironmentVariable("CI") == "true") is { } excuse)
            Skip = excuse;
    }

    /// <summary>Why a test of a tool is not run; null where it is.</summary>
    public static string? Excuse(string tool, bool isCI) =>
        isCI || IsInstalled(tool) ? null : $"{tool} is not installed: its sample was not run.";

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[_tool]];

    private static bool IsInstalled(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(directory => File.Exists(Path.Combine(directory, tool)));
}
