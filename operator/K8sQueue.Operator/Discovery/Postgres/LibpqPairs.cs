using System.Text;

namespace K8sQueue.Operator.Discovery.Postgres;

/// <summary>
/// Reads libpq's <c>key=value</c> pairs: any whitespace between them and around the equals sign, single quotes, backslashes. Pure.
/// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
/// </summary>
internal static class LibpqPairs
{
    public static bool TryRead(string text, Dictionary<string, string> values)
    {
        var at = 0;
        while (SkipSpace(text, ref at))
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiLetterLower(text[at]) || text[at] == '_'))
                at++;
            var key = text[start..at];
            if (key.Length == 0 || !SkipSpace(text, ref at) || text[at++] != '=')
                return false;
            SkipSpace(text, ref at);
            if (ReadValue(text, ref at) is not { } value)
                return false;
            values[key] = value;
        }

        return values.Count > 0;
    }

    private static string? ReadValue(string text, ref int at)
    {
        var isQuoted = at < text.Length && text[at] == '\'';
        at += isQuoted ? 1 : 0;
        var value = new StringBuilder();
        for (; at < text.Length; at++)
        {
            if (isQuoted ? text[at] == '\'' : char.IsWhiteSpace(text[at]))
            {
                at++;
                return value.ToString();
            }

            if (text[at] == '\\' && ++at == text.Length)
                break;
            value.Append(text[at]);
        }

        return isQuoted ? null : value.ToString();
    }

    /// <summary>False at the end.</summary>
    private static bool SkipSpace(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at < text.Length;
    }
}
