using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.BuiltIns;

/// <summary>Reads the <c>*.schema</c> files, whose language pod.schema explains.</summary>
internal sealed class SchemaLanguage
{
    private readonly Dictionary<string, List<string[]>> _blocks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StructuralSchema> _schemas = new(StringComparer.Ordinal);

    private SchemaLanguage()
    {
    }

    /// <summary>The schemas that are embedded in this assembly.</summary>
    public static SchemaLanguage BuiltIn { get; } = Load();

    public static SchemaLanguage Parse(params IEnumerable<string> texts)
    {
        var language = new SchemaLanguage();
        foreach (var text in texts)
            language.Read(text);
        return language;
    }

    /// <summary>A kind's schema, with apiVersion, kind and metadata.</summary>
    public StructuralSchema Kind(string name)
    {
        var schema = Named(name);
        return WithRootMembers(schema);
    }

    /// <summary>Adds what every object has at its root.</summary>
    public static StructuralSchema WithRootMembers(StructuralSchema schema)
    {
        var text = new StructuralSchema { Type = "string" };
        var properties = new Dictionary<string, StructuralSchema>(schema.Properties)
        {
            ["apiVersion"] = text,
            ["kind"] = text,
            ["metadata"] = BuiltIn.Named("ObjectMeta"),
        };
        return schema with { Type = "object", Properties = properties };
    }

    private static SchemaLanguage Load()
    {
        var assembly = typeof(SchemaLanguage).Assembly;
        return Parse(assembly.GetManifestResourceNames().Where(n => n.EndsWith(".schema", StringComparison.Ordinal)).Select(n =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(n)!);
            return reader.ReadToEnd();
        }));
    }

    private void Read(string text)
    {
        List<string[]>? block = null;
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length == 0 || words[0].StartsWith('#'))
                continue;
            if (line[0] == ' ')
                (block ?? throw new FormatException($"A member outside a type: {line}")).Add(words);
            else
                _blocks.Add(words[1], block = []);
        }
    }

    private StructuralSchema Named(string name)
    {
        if (_schemas.TryGetValue(name, out var known))
            return known;
        if (!_blocks.TryGetValue(name, out var members))
            throw new FormatException($"No such type: {name}");
        var properties = new Dictionary<string, StructuralSchema>(StringComparer.Ordinal);
        foreach (var words in members)
            properties[words[0]] = words[2..].Aggregate(OfType(words[1]), Attribute);
        return _schemas[name] = new StructuralSchema
        {
            Type = "object",
            Properties = properties,
            Required = [.. members.Where(m => m.Contains("!")).Select(m => m[0])],
        };
    }

    private StructuralSchema OfType(string type) => type switch
    {
        "string" => new StructuralSchema { Type = "string" },
        "int" => new StructuralSchema { Type = "integer" },
        "bool" => new StructuralSchema { Type = "boolean" },
        "intstr" => new StructuralSchema { IntOrString = true },
        "quantity" => new StructuralSchema { IsQuantity = true },
        "any" => StructuralSchema.Any,
        _ when type.StartsWith("[]", StringComparison.Ordinal) => new StructuralSchema { Type = "array", Items = OfType(type[2..]) },
        _ when type.StartsWith("{}", StringComparison.Ordinal) => new StructuralSchema { Type = "object", Values = OfType(type[2..]) },
        _ => Named(type),
    };

    private static StructuralSchema Attribute(StructuralSchema schema, string word)
    {
        var arguments = word.Contains('(') ? word[(word.IndexOf('(') + 1)..^1].Split(',') : [];
        return word.Split('(')[0] switch
        {
            "!" => schema,
            "set" => schema with { ListKind = ListKind.Set },
            "atomic" => schema with { AtomicMap = true },
            "map" => schema with { ListKind = ListKind.Map, ListMapKeys = arguments },
            "merge" => schema with { PatchMergeKey = arguments[0] },
            "enum" => schema with { Limits = new ValueLimits { Enum = [.. arguments.Select(a => (JsonNode?)a)] } },
            _ when word.StartsWith('=') => schema with { Default = DefaultOf(schema, word[1..]) },
            _ => throw new FormatException($"No such attribute: {word}"),
        };
    }

    private static JsonNode? DefaultOf(StructuralSchema schema, string text) => schema.Type switch
    {
        "integer" or "boolean" or "object" => JsonNode.Parse(text),
        _ => text == "\"\"" ? "" : text,
    };
}
