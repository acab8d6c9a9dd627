using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Validation;

/// <summary>
/// The header by which a producer says that requests are one and the same. It costs no call: the job gets a deduplication key, and its id has a hash
/// of the request in place of random bits. So where the broker answers that a job of the key is there, its id says whether that was the same request.
/// </summary>
/// <param name="Text">What the header says.</param>
/// <param name="Owner">The name of the API key: producers don't get in each other's way.</param>
internal sealed record IdempotencyKey(string Text, string Owner)
{
    public const string HeaderName = "Idempotency-Key";
    public const string ReplayedHeaderName = "Idempotency-Replayed";
    public const int MaxLength = 255;

    /// <summary>What the deduplication keys begin with that are made of these; a request can't have such a one itself.</summary>
    public const string Prefix = "idempotency-key:";

    /// <summary>How long a key is remembered from the first request on, by the broker's clock.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(24);

    /// <summary>The request's key; null where it has none.</summary>
    /// <exception cref="ProblemException">The header is not a key.</exception>
    public static IdempotencyKey? Of(HttpRequest request)
    {
        var header = request.Headers[HeaderName];
        if (header.Count == 0)
            return null;
        return header is [{ Length: > 0 and <= MaxLength } text] && text.All(c => c is > ' ' and <= '~')
            ? new IdempotencyKey(text, request.HttpContext.User.Identity?.Name ?? "")
            : throw Invalid($"'{HeaderName}' must be 1 to {MaxLength} visible ASCII characters, once.");
    }

    /// <exception cref="ProblemException">The request has a key, and no use of it.</exception>
    public static void Refuse(HttpRequest request)
    {
        if (request.Headers.ContainsKey(HeaderName))
            throw Invalid($"'{HeaderName}' is for requests that enqueue one job: give jobs of a bulk deduplication keys.");
    }

    /// <summary>Makes a job one that is added once for the key.</summary>
    /// <param name="job">The job.</param>
    /// <param name="body">The body that it was read from.</param>
    /// <exception cref="ProblemException">The job has a deduplication key of its own.</exception>
    public JobRequest ApplyTo(JobRequest job, in ReadOnlySequence<byte> body)
    {
        if (job.Deduplication is not null)
            throw JsonFields.Invalid("deduplication", $"'deduplication' can't be given beside the header '{HeaderName}'.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Owner}\n{Text}\n"));
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetCurrentHash(bytes);
        var key = Prefix + Base64Url.EncodeToString(bytes);
        foreach (var piece in body)
            hash.AppendData(piece.Span);
        hash.GetCurrentHash(bytes);
        return job with
        {
            Deduplication = new JobDeduplication(key, Window),
            Fingerprint = BinaryPrimitives.ReadUInt128BigEndian(bytes),
        };
    }

    private static ProblemException Invalid(string detail) => new(new Problem(ProblemTypes.InvalidParameter, detail) { Field = HeaderName });
}
