using System.Text;

namespace K8sQueue.LocalCluster.Kubelet.Images;

internal static class CommandLine
{
    /// <summary>Splits at blanks; single and double quotes keep blanks together, a backslash takes the next character as it is.</summary>
    /// <exception cref="FormatException">A quote is left open.</exception>
    public static IReadOnlyList<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (quote, started) = ('\0', false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && quote != '\'' && i + 1 < text.Length)
            {
                word.Append(text[++i]);
                started = true;
            }
            else if (quote != '\0' ? c == quote : c is '\'' or '"')
            {
                quote = quote == '\0' ? c : '\0';
                started = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (started)
                    words.Add(word.ToString());
                word.Clear();
                started = false;
            }
            else
            {
                word.Append(c);
                started = true;
            }
        }

        if (quote != '\0')
            throw new FormatException($"A quote is left open in: {text}");
        if (started)
            words.Add(word.ToString());
        return words;
    }
}
