namespace K8sQueue.LocalCluster.Autoscaling.Formulas;

/// <summary>The functions of expr-lang that a formula may call.</summary>
internal static class FormulaFunctions
{
    /// <param name="array">The arguments were one array literal.</param>
    public static FormulaExpression Call(Token name, IReadOnlyList<FormulaExpression> arguments, bool array) => name.Text switch
    {
        "abs" => Single(name, arguments, array, Math.Abs),
        "ceil" => Single(name, arguments, array, Math.Ceiling, FormulaType.Float),
        "floor" => Single(name, arguments, array, Math.Floor, FormulaType.Float),
        "round" => Single(name, arguments, array, v => Math.Round(v, MidpointRounding.AwayFromZero), FormulaType.Float),
        "float" => Single(name, arguments, array, v => v, FormulaType.Float),
        "int" => Single(name, arguments, array, Math.Truncate, FormulaType.Integer),
        "min" => Many(name, arguments, values => values.Min()),
        "max" => Many(name, arguments, values => values.Max()),
        "sum" when array => Many(name, arguments, values => values.Sum()),
        "mean" when array => Many(name, arguments, values => values.Average(), FormulaType.Float),
        "sum" or "mean" => throw new FormulaException($"invalid argument for {name.Text}: an array is expected, as in {name.Text}([a, b]), at {name.Position}"),
        _ => throw new FormulaException($"unknown name {name.Text} at {name.Position}"),
    };

    private static FormulaExpression Single(
        Token name, IReadOnlyList<FormulaExpression> arguments, bool array, Func<double, double> result, FormulaType? type = null)
    {
        if (arguments.Count != 1 || array)
            throw new FormulaException($"invalid number of arguments for {name.Text} (expected 1, got {arguments.Count}) at {name.Position}");
        Numbers(name, arguments);
        var argument = arguments[0];
        return new(type ?? argument.Type, v => result(argument.Value(v)));
    }

    private static FormulaExpression Many(
        Token name, IReadOnlyList<FormulaExpression> arguments, Func<IEnumerable<double>, double> result, FormulaType? type = null)
    {
        if (arguments.Count == 0)
            throw new FormulaException($"not enough arguments to call {name.Text} at {name.Position}");
        Numbers(name, arguments);
        var common = arguments.All(a => a.Type == FormulaType.Integer) ? FormulaType.Integer : FormulaType.Float;
        return new(type ?? common, v => result(arguments.Select(a => a.Value(v))));
    }

    private static void Numbers(Token name, IReadOnlyList<FormulaExpression> arguments)
    {
        if (arguments.FirstOrDefault(a => !a.IsNumber) is { } other)
            throw new FormulaException($"invalid argument for {name.Text} (type {other.TypeName}) at {name.Position}");
    }
}
