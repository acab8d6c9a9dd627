using K8sQueue.LocalCluster.Autoscaling.Formulas;

namespace K8sQueue.LocalCluster.Tests.Autoscaling;

public sealed class FormulaTests
{
    private static readonly Dictionary<string, double?> Values = new() { ["a"] = 3, ["b"] = 4, ["zero"] = 0, ["failed"] = null };

    [Theory]
    [InlineData("a + b * 2", 11)]
    [InlineData("(a + b) * 2", 14)]
    [InlineData("a - b - 1", -2)]
    [InlineData("a / 2", 1.5)]
    [InlineData("7 % 4", 3)]
    [InlineData("2 ** 3 ** 2", 512)]
    [InlineData("-a ** 2", -9)]
    [InlineData("-a + b", 1)]
    [InlineData("a > 0 ? b : 1", 4)]
    [InlineData("a > 5 ? 1 : b > 3 ? 2 : 3", 2)]
    [InlineData("zero > 0 ? 0 : a + b", 7)]
    [InlineData("a > 0 && !(b < 0) || false ? 1 : 2", 1)]
    [InlineData("a == 3 and not (b != 4) ? 1 : 0", 1)]
    [InlineData("max(a, b, 10)", 10)]
    [InlineData("min([a, b])", 3)]
    [InlineData("sum([a, b, 1])", 8)]
    [InlineData("mean([a, b])", 3.5)]
    [InlineData("ceil(a / 2) + floor(b / 3) + round(2.5) + abs(-1)", 7)]
    [InlineData("int(a / 2) + float(1)", 2)]
    [InlineData("1.5e1 + 1_000", 1015)]
    [InlineData("failed ?? 9", 9)]
    [InlineData("(failed ?? a) + b", 7)]
    [InlineData("failed == nil ? 1 : 2", 1)]
    public void A_formula_is_calculated_as_expr_lang_does(string text, double expected) =>
        Formula.Compile(text, Values.Keys.ToHashSet()).Evaluate(Values).Should().Be(expected);

    [Theory]
    [InlineData("a + typo", "unknown name typo at 4")]
    [InlineData("a +", "unexpected token end of the formula at 3")]
    [InlineData("(a", "unexpected token end of the formula at 2")]
    [InlineData("a b", "unexpected token b at 2")]
    [InlineData("a % 2", "mismatched types float64 and int")]
    [InlineData("a ? 1 : 2", "non-bool expression (type float64) used as condition")]
    [InlineData("a > 0", "invalid argument for float (type bool)")]
    [InlineData("(a > 0) + 1", "mismatched types bool and int")]
    [InlineData("a && b", "mismatched types float64 and float64")]
    [InlineData("sum(a, b)", "an array is expected")]
    [InlineData("nosuch(a)", "unknown name nosuch")]
    [InlineData("a # b", "unrecognized character '#' at 2")]
    [InlineData("1.2.3", "bad number syntax")]
    public void A_wrong_formula_says_what_is_wrong(string text, string message) =>
        FluentActions.Invoking(() => Formula.Compile(text, Values.Keys.ToHashSet())).Should().Throw<FormulaException>().WithMessage($"*{message}*");

    [Theory]
    [InlineData("failed + 1")]
    [InlineData("a / zero")]
    public void A_result_that_cannot_be_told_is_an_error(string text) =>
        FluentActions.Invoking(() => Formula.Compile(text, Values.Keys.ToHashSet()).Evaluate(Values)).Should().Throw<FormulaException>();
}
