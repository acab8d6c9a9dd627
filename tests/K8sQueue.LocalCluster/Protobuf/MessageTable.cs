using System.Globalization;

namespace K8sQueue.LocalCluster.Protobuf;

/// <summary>A field of messages.fields.</summary>
internal sealed record MessageField(string Name, string Type, bool IsMap, bool IsList, bool KeepsZero);

/// <summary>messages.fields.</summary>
internal static class MessageTable
{
    private static readonly Dictionary<string, Dictionary<int, MessageField>> Messages = Load();

    /// <summary>The fields of a message; null where it isn't known.</summary>
    public static IReadOnlyDictionary<int, MessageField>? Find(string message) => Messages.GetValueOrDefault(message);

    private static Dictionary<string, Dictionary<int, MessageField>> Load()
    {
        var assembly = typeof(MessageTable).Assembly;
        var resource = assembly.GetManifestResourceNames().Single(n => n.EndsWith("messages.fields", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        var messages = new Dictionary<string, Dictionary<int, MessageField>>(StringComparer.Ordinal);
        Dictionary<int, MessageField> fields = [];
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0] == "#")
                continue;
            if (line[0] != ' ')
            {
                messages[words[0]] = fields = [];
                continue;
            }

            var type = words[2];
            var isMap = type.StartsWith("{}", StringComparison.Ordinal);
            var isList = type.StartsWith("[]", StringComparison.Ordinal);
            fields[int.Parse(words[0], CultureInfo.InvariantCulture)] = new MessageField(
                words[1], (isMap || isList ? type[2..] : type).TrimEnd('*'), isMap, isList, type.EndsWith('*'));
        }

        return messages;
    }
}
