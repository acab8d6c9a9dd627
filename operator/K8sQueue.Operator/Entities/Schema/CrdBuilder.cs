using System.Reflection;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities.Validation;

namespace K8sQueue.Operator.Entities.Schema;

/// <summary>Builds the CustomResourceDefinition of an entity.</summary>
internal static class CrdBuilder
{
    private static readonly Type[] Entities = [typeof(V1Alpha1WorkerPool), typeof(V1Alpha1ConnectionBudget)];

    /// <summary>All definitions, by the file name each is published under.</summary>
    public static IEnumerable<(string FileName, JsonObject Definition)> BuildAll() =>
        Entities.Select(type => (FileName(type), Build(type)));

    public static JsonObject Build(Type type)
    {
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()!;
        var resource = type.GetCustomAttribute<CustomResourceAttribute>()!;
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{entity.PluralName}.{entity.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = entity.Group,
                ["scope"] = "Namespaced",
                ["names"] = new JsonObject
                {
                    ["kind"] = entity.Kind,
                    ["listKind"] = $"{entity.Kind}List",
                    ["plural"] = entity.PluralName,
                    ["singular"] = resource.Singular,
                    ["shortNames"] = new JsonArray([.. resource.ShortNames.Select(name => JsonValue.Create(name))]),
                    ["categories"] = new JsonArray("all", "k8squeue"),
                },
                ["versions"] = new JsonArray(Version(type, entity.ApiVersion, resource)),
            },
        };
    }

    private static string FileName(Type type)
    {
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()!;
        return $"{entity.Group}_{entity.PluralName}.yaml";
    }

    private static JsonObject Version(Type type, string version, CustomResourceAttribute resource)
    {
        var subresources = new JsonObject { ["status"] = new JsonObject() };
        if (resource.Scale)
        {
            subresources["scale"] = new JsonObject
            {
                ["specReplicasPath"] = ".spec.replicas",
                ["statusReplicasPath"] = ".status.replicas",
                ["labelSelectorPath"] = ".status.selector",
            };
        }

        return new JsonObject
        {
            ["name"] = version,
            ["served"] = true,
            ["storage"] = true,
            ["subresources"] = subresources,
            ["additionalPrinterColumns"] = new JsonArray([.. type.GetCustomAttributes<PrinterColumnAttribute>().Select(Column)]),
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = Root(type) },
        };
    }

    private static JsonObject Column(PrinterColumnAttribute column)
    {
        var json = new JsonObject { ["name"] = column.Name, ["type"] = column.Type, ["jsonPath"] = column.JsonPath };
        if (column.Description is not null)
            json["description"] = column.Description;
        if (column.Priority > 0)
            json["priority"] = column.Priority;
        return json;
    }

    private static JsonObject Root(Type type)
    {
        var arguments = type.BaseType!.GetGenericArguments();
        var root = new JsonObject
        {
            ["description"] = type.GetCustomAttribute<System.ComponentModel.DescriptionAttribute>()!.Description,
            ["type"] = "object",
            ["required"] = new JsonArray("spec"),
            ["x-kubernetes-validations"] = SchemaBuilder.RulesOf(ValidationRules.Of(type)),
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = new JsonObject { ["type"] = "string" },
                ["kind"] = new JsonObject { ["type"] = "string" },
                ["metadata"] = new JsonObject { ["type"] = "object" },
                ["spec"] = SchemaBuilder.Build(arguments[0]),
                ["status"] = SchemaBuilder.Build(arguments[1]),
            },
        };
        return root;
    }
}
