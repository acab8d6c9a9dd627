using System.Text.RegularExpressions;

namespace K8sQueue.Core.Jobs;

/// <summary>The rule for a queue's name: what fits a Kubernetes name, a Redis hash tag and a URL segment alike.</summary>
public static partial class QueueName
{
    /// <summary>The rule in words, for error messages.</summary>
    public const string Rule =
        "1 to 63 characters, lower-case letters, digits, '-', '_' or '.', starting and ending with a letter or digit";

    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 63;

    // Programs mostly have one queue, or a few: the last valid name is not looked at again.
    private static volatile string _last = "q";

    /// <summary>Whether <paramref name="name"/> follows <see cref="Rule"/>.</summary>
    public static bool IsValid(string? name)
    {
        if (name == _last)
            return true;
        if (name is not { Length: > 0 and <= MaxLength } || !Pattern().IsMatch(name))
            return false;
        _last = name;
        return true;
    }

    /// <exception cref="ArgumentException">The name breaks <see cref="Rule"/>.</exception>
    public static void ThrowIfInvalid(string? name)
    {
        if (!IsValid(name))
            throw new ArgumentException($"'{name}' is not a queue name: {Rule}.", nameof(name));
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9_.]*[a-z0-9])?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
