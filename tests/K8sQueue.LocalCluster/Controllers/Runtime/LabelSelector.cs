using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Controllers.Runtime;

/// <summary>metav1.LabelSelector: <c>matchLabels</c> and <c>matchExpressions</c>, all of which must hold. An absent selector matches nothing, an empty one everything.</summary>
internal static class LabelSelector
{
    public static bool Matches(JsonObject? selector, JsonObject? labels)
    {
        if (selector is null)
            return false;
        foreach (var (name, value) in selector.Child("matchLabels") ?? [])
        {
            if (labels.Text(name) != value.Text())
                return false;
        }

        return selector.Objects("matchExpressions").All(e => Holds(e, labels));
    }

    /// <summary>The same as the text of a query (<c>a=b,c in (d,e)</c>).</summary>
    public static string ToQuery(JsonObject? selector)
    {
        var equal = (selector.Child("matchLabels") ?? []).Select(l => $"{l.Key}={l.Value.Text()}");
        var expressions = selector.Objects("matchExpressions").Select(e =>
        {
            var key = e.Text("key");
            var values = string.Join(',', e.Texts("values"));
            return e.Text("operator") switch
            {
                "In" => $"{key} in ({values})",
                "NotIn" => $"{key} notin ({values})",
                "DoesNotExist" => $"!{key}",
                _ => key,
            };
        });
        return string.Join(',', equal.Concat(expressions));
    }

    private static bool Holds(JsonObject expression, JsonObject? labels)
    {
        var value = labels.Text(expression.Text("key") ?? "");
        return expression.Text("operator") switch
        {
            "In" => value is not null && expression.Texts("values").Contains(value),
            "NotIn" => value is null || !expression.Texts("values").Contains(value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            _ => false,
        };
    }
}
