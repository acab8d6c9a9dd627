using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Schema;

/// <summary>What is wrong with one field, worded as k8s.io/apimachinery/pkg/util/validation/field does.</summary>
/// <param name="Path">For example spec.queues[0].name.</param>
/// <param name="Reason">The cause's reason, for example FieldValueInvalid.</param>
/// <param name="Body">The message without the path.</param>
internal sealed record FieldError(string Path, string Reason, string Body)
{
    public static FieldError Required(string path, string detail = "") =>
        new(path, "FieldValueRequired", With("Required value", detail));

    public static FieldError Invalid(string path, JsonNode? value, string detail) =>
        new(path, "FieldValueInvalid", $"Invalid value: {value.Show()}: {detail}");

    /// <summary>Invalid with the type in the value's place, as structural type errors and rules over objects have it.</summary>
    public static FieldError InvalidType(string path, string type, string detail, string reason = "FieldValueTypeInvalid") =>
        new(path, reason, $"Invalid value: \"{type}\": {detail}");

    public static FieldError NotSupported(string path, JsonNode? value, IEnumerable<JsonNode?> supported) =>
        new(path, "FieldValueNotSupported",
            $"Unsupported value: {value.Show()}: supported values: {string.Join(", ", supported.Select(s => s.Show()))}");

    public static FieldError Duplicate(string path, JsonNode? value) =>
        new(path, "FieldValueDuplicate", $"Duplicate value: {value.Show()}");

    public static FieldError Forbidden(string path, string detail) => new(path, "FieldValueForbidden", $"Forbidden: {detail}");

    public static FieldError TooLong(string path, long maximum) =>
        new(path, "FieldValueTooLong", $"Too long: may not be more than {maximum} bytes");

    public static FieldError TooMany(string path, long count, long maximum) =>
        new(path, "FieldValueTooMany", $"Too many: {count}: must have at most {maximum} items");

    public override string ToString() => $"{Path}: {Body}";

    private static string With(string head, string detail) => detail.Length == 0 ? head : $"{head}: {detail}";
}
