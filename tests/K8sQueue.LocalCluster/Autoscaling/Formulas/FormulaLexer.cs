using System.Globalization;

namespace K8sQueue.LocalCluster.Autoscaling.Formulas;

internal enum TokenKind
{
    Integer,
    Float,
    Name,
    Operator,
    End,
}

internal readonly record struct Token(TokenKind Kind, string Text, int Position)
{
    public bool Is(string text) => Kind is TokenKind.Operator or TokenKind.Name && Text == text;
}

internal static class FormulaLexer
{
    private static readonly string[] Operators =
        ["**", "&&", "||", "==", "!=", "<=", ">=", "??", "+", "-", "*", "/", "%", "^", "<", ">", "!", "?", ":", "(", ")", ",", "[", "]"];

    public static IReadOnlyList<Token> Read(string text)
    {
        var tokens = new List<Token>();
        var at = 0;
        while (at < text.Length)
        {
            var start = at;
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
            }
            else if (char.IsAsciiDigit(text[at]) || text[at] == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]))
            {
                at = EndOfNumber(text, at);
                tokens.Add(Number(text[start..at], start));
            }
            else if (char.IsAsciiLetter(text[at]) || text[at] == '_')
            {
                while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
                    at++;
                tokens.Add(new(TokenKind.Name, text[start..at], start));
            }
            else
            {
                var found = Array.Find(Operators, o => string.CompareOrdinal(text, start, o, 0, o.Length) == 0)
                    ?? throw new FormulaException($"unrecognized character '{text[at]}' at {start}");
                at += found.Length;
                tokens.Add(new(TokenKind.Operator, found, start));
            }
        }

        tokens.Add(new(TokenKind.End, "end of the formula", text.Length));
        return tokens;
    }

    private static int EndOfNumber(string text, int at)
    {
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '.' or '_' || IsExponentSign(text, at)))
            at++;
        return at;
    }

    private static bool IsExponentSign(string text, int at) => (text[at] is '+' or '-') && (text[at - 1] is 'e' or 'E');

    private static Token Number(string text, int position)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        if (long.TryParse(plain, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return new(TokenKind.Integer, plain, position);
        if (double.TryParse(plain, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _))
            return new(TokenKind.Float, plain, position);
        throw new FormulaException($"bad number syntax: \"{text}\" at {position}");
    }
}
