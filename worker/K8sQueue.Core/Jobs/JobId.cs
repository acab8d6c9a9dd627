using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;


namespace K8sQueue.Core.Jobs;

/// <summary>
/// The id of a job: <c>&lt;queue&gt;.&lt;ulid&gt;</c>, for example <c>emails.01JD3V6X9QK4T2M7R8ZB5C1N0F</c>.
/// It names the queue, so a job is found without an index, and its last bit says whether the job is tracked, so that
/// "not tracked" and "unknown" are told apart without a read.
/// </summary>
public readonly record struct JobId
{
    internal const int UlidLength = 26;
    private const int TimeBytes = 6;
    private const int TimeLetters = 10;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create(Alphabet);

    private JobId(string queue, string value, bool isTracked)
    {
        Queue = queue;
        Value = value;
        IsTracked = isTracked;
    }

    /// <summary>The queue that the job was enqueued to.</summary>
    public string Queue { get; }

    /// <summary>The whole id as text.</summary>
    public string Value { get; }

    /// <summary>The id without its queue.</summary>
    public string Ulid => UlidSpan.ToString();

    /// <inheritdoc cref="Ulid"/>
    internal ReadOnlySpan<char> UlidSpan => Value is null ? [] : Value.AsSpan(Queue.Length + 1);

    /// <summary>Whether the job has a record of its own that outlives its stream entry.</summary>
    public bool IsTracked { get; }

    /// <summary>Makes a new id: 48 bits of milliseconds, 79 random bits, one bit for <paramref name="tracked"/>.</summary>
    public static JobId Create(string queue, bool tracked, TimeProvider time)
    {
        QueueName.ThrowIfInvalid(queue);
        ArgumentNullException.ThrowIfNull(time);
        return Create(queue, tracked, time.GetUtcNow());
    }

    /// <summary>Makes a new id in a queue whose name is valid.</summary>
    internal static JobId Create(string queue, bool tracked, DateTimeOffset now, UInt128? fingerprint = null)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (fingerprint is { } bits)
            BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        else
            RandomBlock.Fill(bytes[TimeBytes..]);
        var time = now.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(time >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)time);
        bytes[15] = tracked ? (byte)(bytes[15] | 1) : (byte)(bytes[15] & 0xFE);
        var value = string.Create(queue.Length + 1 + UlidLength, (queue, BinaryPrimitives.ReadUInt128BigEndian(bytes)), static (text, id) =>
        {
            id.queue.CopyTo(text);
            text[id.queue.Length] = '.';
            Encode(id.Item2, text[(id.queue.Length + 1)..]);
        });
        return new JobId(queue, value, tracked);
    }

    /// <summary>Whether the id was made of this <see cref="JobRequest.Fingerprint"/>.</summary>
    public bool HasFingerprint(UInt128 fingerprint)
    {
        Span<char> text = stackalloc char[UlidLength];
        Encode(IsTracked ? fingerprint | UInt128.One : fingerprint & ~UInt128.One, text);
        return UlidSpan is { Length: UlidLength } mine && mine[TimeLetters..].SequenceEqual(text[TimeLetters..]);
    }

    /// <summary>Reads an id; false where the text is not one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out JobId id)
    {
        id = default;
        if (text is null || text.Length < UlidLength + 2 || text[^(UlidLength + 1)] != '.')
            return false;
        var queue = text[..^(UlidLength + 1)];
        if (!QueueName.IsValid(queue))
            return false;
        var ulid = text.AsSpan(queue.Length + 1);
        if (!IsUlid(ulid))
            return false;
        id = new JobId(queue, text, IsOdd(ulid[^1]));
        return true;
    }

    /// <summary>Reads an id.</summary>
    /// <exception cref="FormatException">The text is not a job id.</exception>
    public static JobId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a job id: expected <queue>.<ulid>.");

    /// <inheritdoc/>
    public override string ToString() => Value ?? string.Empty;

    /// <summary>The id of a queue that is known to be one; false where <paramref name="ulid"/> is not a ULID.</summary>
    internal static bool TryCreate(string queue, ReadOnlySpan<char> ulid, out JobId id)
    {
        id = IsUlid(ulid) ? new JobId(queue, string.Concat(queue, ".", ulid), IsOdd(ulid[^1])) : default;
        return id.Value is not null;
    }

    private static bool IsUlid(ReadOnlySpan<char> text) =>
        text.Length == UlidLength && text[0] <= '7' && !text.ContainsAnyExcept(Letters);

    private static bool IsOdd(char letter) => (Alphabet.IndexOf(letter, StringComparison.Ordinal) & 1) == 1;

    // 128 bits as 26 characters of 5 bits, the first of which carries 3 (https://github.com/ulid/spec).
    internal static void Encode(UInt128 value, Span<char> text)
    {
        // Twice 12 characters of 64-bit arithmetic, which costs a fifth of what 128-bit arithmetic does.
        Encode((ulong)value, text[14..]);
        Encode((ulong)(value >> 60), text[2..14]);
        var first = (int)(value >> 120);
        text[1] = Alphabet[first & 31];
        text[0] = Alphabet[first >> 5];
    }

    private static void Encode(ulong value, Span<char> text)
    {
        for (var i = text.Length - 1; i >= 0; i--, value >>= 5)
            text[i] = Alphabet[(int)(value & 31)];
    }
}
