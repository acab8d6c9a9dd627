using System.Text.Json;
using System.Text.RegularExpressions;

namespace K8sQueue.Operator.Entities.Validation;

internal static partial class RolloutRules
{
    public static readonly IReadOnlyList<ValidationRule> Rollout =
    [
        new("type(self.maxSurge) == string ? self.maxSurge.matches('^(100|[1-9]?[0-9])%$') : self.maxSurge >= 0 && self.maxSurge <= 100000",
            "maxSurge is a number from 0 to 100000, or a percentage from 0% to 100% such as \"25%\"",
            (self, _) => self["maxSurge"] is not { } surge || (surge.GetValueKind() == JsonValueKind.String
                ? Percentage().IsMatch(surge.GetValue<string>())
                : JsonNumbers.ToLong(surge) is >= 0 and <= 100_000)),
    ];

    [GeneratedRegex("^(100|[1-9]?[0-9])%\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Percentage();
}
