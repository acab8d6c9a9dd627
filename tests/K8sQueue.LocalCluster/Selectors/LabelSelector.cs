using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Selectors;

/// <summary>
/// Label selectors: the text of <c>labelSelector=</c> (<c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c>) and metav1.LabelSelector.
/// </summary>
public sealed partial class LabelSelector
{
    public static readonly LabelSelector Everything = new([]);

    /// <summary>What a null metav1.LabelSelector selects.</summary>
    public static readonly LabelSelector Nothing = new([new Requirement("", Operator.In, [])]);

    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
    }

    /// <exception cref="ClusterApiException">BadRequest.</exception>
    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Everything;
        var requirements = new List<Requirement>();
        var rest = text;
        while (true)
        {
            var match = RequirementPattern().Match(rest);
            if (!match.Success)
                throw ApiErrors.BadRequest($"unable to parse requirement: {rest}");
            requirements.Add(RequirementOf(match));
            rest = rest[match.Length..];
            if (rest.Length == 0)
                return new LabelSelector(requirements);
            rest = rest[1..];
        }
    }

    /// <summary>From a metav1.LabelSelector; an empty one selects everything.</summary>
    public static LabelSelector From(JsonObject? selector)
    {
        if (selector is null)
            return Nothing;
        var requirements = new List<Requirement>();
        foreach (var (name, value) in selector.MapAt("matchLabels") ?? [])
            requirements.Add(new Requirement(name, Operator.In, [value.AsText() ?? ""]));
        foreach (var expression in selector.ListAt("matchExpressions")?.OfType<JsonObject>() ?? [])
        {
            if (Enum.TryParse<Operator>(expression.TextAt("operator"), out var @operator))
            {
                requirements.Add(new Requirement(expression.TextAt("key") ?? "", @operator,
                    [.. expression.ListAt("values")?.Select(v => v.AsText() ?? "") ?? []]));
            }
        }

        return new LabelSelector(requirements);
    }

    /// <summary>A metav1.LabelSelector as text.</summary>
    public static string Show(JsonObject? selector) => From(selector).ToString();

    /// <summary>Whether the labels of an object (or a pod template) match.</summary>
    public bool Matches(JsonObject? labels) => _requirements.All(r => r.Matches(labels));

    public override string ToString() =>
        string.Join(",", _requirements.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => r.ToString()));

    private static Requirement RequirementOf(Match match)
    {
        var key = match.Groups["key"].Value;
        if (match.Groups["not"].Success)
            return new Requirement(key, Operator.DoesNotExist, []);
        if (match.Groups["equals"].Success)
        {
            var @operator = match.Groups["equals"].Value == "!=" ? Operator.NotIn : Operator.In;
            return new Requirement(key, @operator, [match.Groups["value"].Value]);
        }

        if (match.Groups["set"].Success)
        {
            var values = match.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries);
            return new Requirement(key, match.Groups["set"].Value == "in" ? Operator.In : Operator.NotIn, values);
        }

        return new Requirement(key, Operator.Exists, []);
    }

    [GeneratedRegex("""
        ^\s*(?:
            (?<not>!)\s*(?<key>[A-Za-z0-9_./-]+)
          | (?<key>[A-Za-z0-9_./-]+)\s+(?<set>in|notin)\s*\((?<values>[A-Za-z0-9_.,\s-]*)\)
          | (?<key>[A-Za-z0-9_./-]+)\s*(?<equals>==|!=|=)\s*(?<value>[A-Za-z0-9_.-]*)
          | (?<key>[A-Za-z0-9_./-]+)
        )\s*(?=,|\z)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex RequirementPattern();

    private sealed record Requirement(string Key, Operator Operator, IReadOnlyList<string> Values)
    {
        public bool Matches(JsonObject? labels)
        {
            var value = labels.TextAt(Key);
            return Operator switch
            {
                Operator.In => value is not null && Values.Contains(value),
                Operator.NotIn => value is null || !Values.Contains(value),
                Operator.Exists => value is not null,
                _ => value is null,
            };
        }

        public override string ToString() => Operator switch
        {
            Operator.In when Values.Count == 1 => $"{Key}={Values[0]}",
            Operator.NotIn when Values.Count == 1 => $"{Key}!={Values[0]}",
            Operator.In => $"{Key} in ({string.Join(",", Values)})",
            Operator.NotIn => $"{Key} notin ({string.Join(",", Values)})",
            Operator.Exists => Key,
            _ => $"!{Key}",
        };
    }
}
