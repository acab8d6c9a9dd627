using System.Globalization;

namespace K8sQueue.LocalCluster.Autoscaling.Formulas;

/// <summary>
/// A scalingModifiers formula. It is the part of expr-lang (https://expr-lang.org) that formulas of triggers use: numbers, trigger names, + - * / % **,
/// comparisons, &amp;&amp; || !, ?:, ??, parentheses, and abs ceil floor round int float min max sum mean. Names and types are checked when it is compiled, as KEDA's
/// webhook does. Text, members, predicates, ranges and let are not in it.
/// </summary>
internal sealed class Formula
{
    private readonly FormulaExpression _root;

    private Formula(FormulaExpression root) => _root = root;

    /// <param name="names">The names of the triggers.</param>
    /// <exception cref="FormulaException">It is not a formula, or names something that is not a trigger.</exception>
    public static Formula Compile(string text, IReadOnlySet<string> names)
    {
        var parser = new Parser(FormulaLexer.Read(text), names);
        var root = parser.Ternary();
        parser.Expect(TokenKind.End, null);
        if (root.Type == FormulaType.Boolean)
            throw new FormulaException("invalid argument for float (type bool)");
        return new Formula(root);
    }

    /// <summary>The result; null where it is nil.</summary>
    /// <param name="values">The triggers' values; null where one has failed.</param>
    /// <exception cref="FormulaException">A nil is calculated with, or the result is not finite.</exception>
    public double? Evaluate(IReadOnlyDictionary<string, double?> values)
    {
        var result = _root.Evaluate(values);
        return result is null || double.IsFinite(result.Value) ? result : throw new FormulaException("the result is not finite");
    }

    private sealed class Parser(IReadOnlyList<Token> tokens, IReadOnlySet<string> names)
    {
        private int _at;

        private Token Current => tokens[_at];

        public FormulaExpression Ternary()
        {
            var condition = Binary(0);
            if (!Take("?"))
                return condition;
            if (condition.Type != FormulaType.Boolean)
                throw new FormulaException($"non-bool expression (type {condition.TypeName}) used as condition");
            var whenTrue = Ternary();
            var colon = Expect(TokenKind.Operator, ":");
            var whenFalse = Ternary();
            if (whenTrue.IsNumber != whenFalse.IsNumber && whenTrue.Type != FormulaType.Nil && whenFalse.Type != FormulaType.Nil)
                throw FormulaOperators.Mismatch(colon, whenTrue, whenFalse);
            var type = whenTrue.Type == whenFalse.Type ? whenTrue.Type : whenTrue.IsNumber || whenFalse.IsNumber ? FormulaType.Float : FormulaType.Boolean;
            return new(type, v => condition.IsTrue(v) ? whenTrue.Evaluate(v) : whenFalse.Evaluate(v));
        }

        public Token Expect(TokenKind kind, string? text)
        {
            var token = Current;
            if (token.Kind != kind || text is not null && token.Text != text)
                throw new FormulaException($"unexpected token {token.Text} at {token.Position}");
            _at++;
            return token;
        }

        private FormulaExpression Binary(int lowest)
        {
            var left = Unary();
            while (FormulaOperators.Find(Current) is { } found && found.Precedence >= lowest)
            {
                var token = tokens[_at++];
                left = FormulaOperators.Apply(token, left, Binary(found.RightAssociative ? found.Precedence : found.Precedence + 1));
            }

            return left;
        }

        private FormulaExpression Unary()
        {
            if (Take("!") || Take("not"))
            {
                var operand = Binary(FormulaOperators.Not);
                return operand.Type == FormulaType.Boolean
                    ? new(FormulaType.Boolean, v => operand.IsTrue(v) ? 0 : 1)
                    : throw new FormulaException($"invalid operation: ! (mismatched type {operand.TypeName})");
            }

            if (Take("-"))
            {
                var operand = Binary(FormulaOperators.Sign);
                return operand.IsNumber
                    ? operand with { Evaluate = v => -operand.Value(v) }
                    : throw new FormulaException($"invalid operation: - (mismatched type {operand.TypeName})");
            }

            return Take("+") ? Binary(FormulaOperators.Sign) : Primary();
        }

        private FormulaExpression Primary()
        {
            var token = tokens[_at++];
            switch (token.Kind)
            {
                case TokenKind.Integer:
                case TokenKind.Float:
                    return FormulaExpression.Constant(
                        token.Kind == TokenKind.Integer ? FormulaType.Integer : FormulaType.Float, double.Parse(token.Text, CultureInfo.InvariantCulture));
                case TokenKind.Name when Current.Is("("):
                    return Call(token);
                case TokenKind.Name:
                    return Name(token);
                case TokenKind.Operator when token.Text == "(":
                    var inner = Ternary();
                    Expect(TokenKind.Operator, ")");
                    return inner;
                default:
                    throw new FormulaException($"unexpected token {token.Text} at {token.Position}");
            }
        }

        private FormulaExpression Name(Token token) => token.Text switch
        {
            "true" => FormulaExpression.Constant(FormulaType.Boolean, 1),
            "false" => FormulaExpression.Constant(FormulaType.Boolean, 0),
            "nil" => FormulaExpression.Constant(FormulaType.Nil, null),
            _ when names.Contains(token.Text) => FormulaExpression.Variable(token.Text),
            _ => throw new FormulaException($"unknown name {token.Text} at {token.Position}"),
        };

        private FormulaExpression Call(Token name)
        {
            Expect(TokenKind.Operator, "(");
            var array = Take("[");
            var arguments = new List<FormulaExpression>();
            var end = array ? "]" : ")";
            while (!Current.Is(end))
            {
                if (arguments.Count > 0)
                    Expect(TokenKind.Operator, ",");
                arguments.Add(Ternary());
            }

            Expect(TokenKind.Operator, end);
            if (array)
                Expect(TokenKind.Operator, ")");
            return FormulaFunctions.Call(name, arguments, array);
        }

        private bool Take(string text)
        {
            if (!Current.Is(text))
                return false;
            _at++;
            return true;
        }
    }
}
