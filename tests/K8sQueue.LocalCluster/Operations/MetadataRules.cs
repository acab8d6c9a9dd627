using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>The rules of metadata that hold for every kind (apimachinery's ValidateObjectMeta and ValidateObjectMetaUpdate).</summary>
internal static class MetadataRules
{
    private const int MaxAnnotationBytes = 256 * 1024;

    public static void Validate(ResourceEndpoint endpoint, JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
        ValidateName(endpoint, value, errors);
        Labels(value.MapAt("metadata", "labels"), "metadata.labels", errors);
        Annotations(value.MapAt("metadata", "annotations"), "metadata.annotations", errors);
        Owners(value, errors);
        foreach (var finalizer in value.Finalizers())
        {
            if (!Names.IsQualifiedName(finalizer))
                errors.Add(FieldError.Invalid("metadata.finalizers", finalizer, Names.QualifiedNameMessage));
        }

        if (old is not null && old.IsDeleting())
        {
            var added = value.Finalizers().Except(old.Finalizers()).ToList();
            if (added.Count > 0)
            {
                var list = string.Join(", ", added.Select(a => $"\"{a}\""));
                errors.Add(FieldError.Forbidden("metadata.finalizers",
                    $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{list}}}"));
            }
        }
    }

    /// <summary>Label names and values; also used for selectors and pod templates.</summary>
    public static void Labels(JsonObject? labels, string path, ICollection<FieldError> errors)
    {
        foreach (var (name, node) in labels ?? [])
        {
            if (!Names.IsQualifiedName(name))
                errors.Add(FieldError.Invalid(path, name, Names.QualifiedNameMessage));
            if (node.AsText() is { } text && !Names.IsLabelValue(text))
                errors.Add(FieldError.Invalid(path, text, Names.LabelValueMessage));
        }
    }

    private static void ValidateName(ResourceEndpoint endpoint, JsonObject value, ICollection<FieldError> errors)
    {
        var name = value.Name();
        if (name.Length == 0)
            errors.Add(FieldError.Required("metadata.name", "name or generateName is required"));
        else if (Names.Check(endpoint.Type.Resource, name) is { } message)
            errors.Add(FieldError.Invalid("metadata.name", name, message));
    }

    public static void Annotations(JsonObject? annotations, string path, ICollection<FieldError> errors)
    {
        long size = 0;
        foreach (var (name, node) in annotations ?? [])
        {
            if (!Names.IsQualifiedName(name.ToLowerInvariant()))
                errors.Add(FieldError.Invalid(path, name, Names.QualifiedNameMessage));
            size += name.Length + (node.AsText()?.Length ?? 0);
        }

        if (size > MaxAnnotationBytes)
            errors.Add(FieldError.TooLong(path, MaxAnnotationBytes));
    }

    private static void Owners(JsonObject value, ICollection<FieldError> errors)
    {
        var index = 0;
        var controllers = 0;
        foreach (var owner in value.OwnerReferences())
        {
            var path = $"metadata.ownerReferences[{index++}]";
            foreach (var member in (string[])["apiVersion", "kind", "name", "uid"])
            {
                if (string.IsNullOrEmpty(owner.TextAt(member)))
                    errors.Add(FieldError.Invalid($"{path}.{member}", "", $"{member} must not be empty"));
            }

            if (owner.FlagAt("controller"))
                controllers++;
        }

        if (controllers > 1)
            errors.Add(FieldError.Invalid("metadata.ownerReferences", controllers, "Only one reference can have Controller set to true"));
    }
}
