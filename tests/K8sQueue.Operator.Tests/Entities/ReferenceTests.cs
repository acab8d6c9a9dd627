using System.Reflection;
using System.Text.Json.Nodes;
using K8sQueue.Operator.Entities.Schema;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Tests.Entities;

/// <summary>The reference says what the schema says.</summary>
public sealed class ReferenceTests
{
    private static readonly string Text = Read("workerpool.md") + Read("queues.md") + Read("connectionbudget.md");

    [Fact]
    public void Every_default_is_in_the_reference()
    {
        foreach (var (_, crd) in CrdBuilder.BuildAll())
        {
            foreach (var (path, value) in Defaults(crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!, ""))
                Text.Should().Contain($"| `{path}` | `{value}` |");
        }
    }

    [Fact]
    public void Every_reason_is_in_the_reference()
    {
        var reasons = typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);

        reasons.Except(["ConnectionsLeft"]).Where(reason => !Text.Contains($"`{reason}`", StringComparison.Ordinal)).Should().BeEmpty();
    }

    private static IEnumerable<(string Path, string Value)> Defaults(JsonNode schema, string path)
    {
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            var below = path.Length == 0 ? name : $"{path}.{name}";
            if (property!["default"] is JsonValue value)
                yield return (below, value.ToString());
            foreach (var item in Defaults(property, below).Concat(property["items"] is { } items ? Defaults(items, below + "[]") : []))
                yield return item;
        }
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reference", name));
}
