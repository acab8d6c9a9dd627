namespace K8sQueue.Operator.Caching;

/// <summary>
/// Gives equal strings one instance: the thousands of objects in the caches say the same few things. Bounded: a string that nobody asked for
/// lately makes room for another.
/// </summary>
public sealed class StringPool
{
    /// <summary>Longer ones are rarely equal, and not worth a look.</summary>
    private const int MaxLength = 256;

    private readonly string?[] _strings;

    /// <param name="capacity">How many strings at most; a power of two. The default value is 4096.</param>
    public StringPool(int capacity = 4096)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        if ((capacity & (capacity - 1)) != 0)
            throw new ArgumentException("The capacity must be a power of two.", nameof(capacity));
        _strings = new string?[capacity];
    }

    /// <summary>A string with the same text. Safe from every thread: a race costs an instance, not a text.</summary>
    public string Share(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength)
            return text;
        ref var slot = ref _strings[text.GetHashCode(StringComparison.Ordinal) & (_strings.Length - 1)];
        if (Volatile.Read(ref slot) is { } known && known == text)
            return known;
        Volatile.Write(ref slot, text);
        return text;
    }

    /// <inheritdoc cref="Share(string)"/>
    public string? ShareOrNull(string? text) => text is null ? null : Share(text);
}
