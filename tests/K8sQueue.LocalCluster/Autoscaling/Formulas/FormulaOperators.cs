namespace K8sQueue.LocalCluster.Autoscaling.Formulas;

/// <summary>The operators of expr-lang that a formula may use, with its precedences and its types: a trigger's value is always a float, and % is for ints only.</summary>
internal static class FormulaOperators
{
    public const int Not = 50;
    public const int Sign = 90;

    private static readonly Dictionary<string, (int Precedence, bool RightAssociative)> Binary = new(StringComparer.Ordinal)
    {
        ["||"] = (10, false),
        ["or"] = (10, false),
        ["&&"] = (15, false),
        ["and"] = (15, false),
        ["=="] = (20, false),
        ["!="] = (20, false),
        ["<"] = (20, false),
        [">"] = (20, false),
        ["<="] = (20, false),
        [">="] = (20, false),
        ["+"] = (30, false),
        ["-"] = (30, false),
        ["*"] = (60, false),
        ["/"] = (60, false),
        ["%"] = (60, false),
        ["**"] = (100, true),
        ["^"] = (100, true),
        ["??"] = (500, false),
    };

    public static (int Precedence, bool RightAssociative)? Find(Token token) =>
        token.Kind is TokenKind.Operator or TokenKind.Name && Binary.TryGetValue(token.Text, out var found) ? found : null;

    public static FormulaExpression Apply(Token token, FormulaExpression left, FormulaExpression right) => token.Text switch
    {
        "||" or "or" => Logical(token, left, right, v => left.IsTrue(v) || right.IsTrue(v)),
        "&&" or "and" => Logical(token, left, right, v => left.IsTrue(v) && right.IsTrue(v)),
        "==" => Equality(token, left, right, v => Nullable.Equals(left.Evaluate(v), right.Evaluate(v))),
        "!=" => Equality(token, left, right, v => !Nullable.Equals(left.Evaluate(v), right.Evaluate(v))),
        "<" => Comparison(token, left, right, (a, b) => a < b),
        ">" => Comparison(token, left, right, (a, b) => a > b),
        "<=" => Comparison(token, left, right, (a, b) => a <= b),
        ">=" => Comparison(token, left, right, (a, b) => a >= b),
        "+" => Arithmetic(token, left, right, (a, b) => a + b),
        "-" => Arithmetic(token, left, right, (a, b) => a - b),
        "*" => Arithmetic(token, left, right, (a, b) => a * b),
        "/" => Arithmetic(token, left, right, (a, b) => a / b) with { Type = FormulaType.Float },
        "%" when left.Type == FormulaType.Integer && right.Type == FormulaType.Integer => Arithmetic(token, left, right, Remainder),
        "**" or "^" => Arithmetic(token, left, right, Math.Pow) with { Type = FormulaType.Float },
        "??" when left.Type == FormulaType.Nil => right,
        "??" when right.Type == FormulaType.Nil || left.IsNumber == right.IsNumber =>
            new(left.Type, v => left.Evaluate(v) ?? right.Evaluate(v)),
        _ => throw Mismatch(token, left, right),
    };

    public static FormulaException Mismatch(Token token, FormulaExpression left, FormulaExpression right) =>
        new($"invalid operation: {token.Text} (mismatched types {left.TypeName} and {right.TypeName}) at {token.Position}");

    private static double Remainder(double left, double right) => right == 0 ? throw new FormulaException("integer divide by zero") : left % right;

    private static FormulaExpression Logical(
        Token token, FormulaExpression left, FormulaExpression right, Func<IReadOnlyDictionary<string, double?>, bool> result) =>
        left.Type == FormulaType.Boolean && right.Type == FormulaType.Boolean
            ? new(FormulaType.Boolean, v => result(v) ? 1 : 0)
            : throw Mismatch(token, left, right);

    private static FormulaExpression Equality(
        Token token, FormulaExpression left, FormulaExpression right, Func<IReadOnlyDictionary<string, double?>, bool> result) =>
        left.Type == FormulaType.Nil || right.Type == FormulaType.Nil || left.IsNumber == right.IsNumber
            ? new(FormulaType.Boolean, v => result(v) ? 1 : 0)
            : throw Mismatch(token, left, right);

    private static FormulaExpression Comparison(Token token, FormulaExpression left, FormulaExpression right, Func<double, double, bool> result) =>
        left.IsNumber && right.IsNumber
            ? new(FormulaType.Boolean, v => result(left.Value(v), right.Value(v)) ? 1 : 0)
            : throw Mismatch(token, left, right);

    private static FormulaExpression Arithmetic(Token token, FormulaExpression left, FormulaExpression right, Func<double, double, double> result)
    {
        if (!left.IsNumber || !right.IsNumber)
            throw Mismatch(token, left, right);
        var type = left.Type == FormulaType.Float || right.Type == FormulaType.Float ? FormulaType.Float : FormulaType.Integer;
        return new(type, v => result(left.Value(v), right.Value(v)));
    }
}
