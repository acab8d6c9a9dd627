using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Schema;

/// <summary>Fills defaults; a null where the schema isn't nullable counts as missing if there is a default.</summary>
internal static class Defaulter
{
    public static void Default(StructuralSchema schema, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, property) in schema.Properties)
                {
                    var isNull = map.TryGetPropertyValue(name, out var child) && child is null;
                    if (property.Default is { } @default && (isNull ? !property.Nullable : child is null))
                        map[name] = @default.DeepClone();
                    else if (isNull && !property.Nullable && property.Type is not null)
                        map.Remove(name);
                    Default(property, map[name]);
                }

                if (schema.Values is { } values)
                {
                    foreach (var (name, child) in map)
                    {
                        if (!schema.Properties.ContainsKey(name))
                            Default(values, child);
                    }
                }

                break;
            case JsonArray list when schema.Items is { } items:
                foreach (var child in list)
                    Default(items, child);
                break;
        }
    }
}
