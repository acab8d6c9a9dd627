using System.Buffers;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Endpoints;

/// <summary>Reads a request's body as one job, within <see cref="PayloadLimit"/>.</summary>
internal static class JobBody
{
    /// <exception cref="ProblemException">The body is not an acceptable job.</exception>
    public static ValueTask<JobRequest> ReadAsync(HttpRequest request, string queue, IdempotencyKey? key, PayloadLimit limit) =>
        ReadAsync(request, limit.JobBytes, () => TooLarge(limit), json =>
        {
            var job = Parse(json, queue, TraceParents.From(request), limit);
            return key is null ? job : key.ApplyTo(job, json);
        });

    /// <summary>Reads <c>{"payload": ...}</c>; null where there is no body.</summary>
    /// <exception cref="ProblemException">The body is something else.</exception>
    public static ValueTask<ReadOnlyMemory<byte>?> ReadPayloadAsync(HttpRequest request)
    {
        if (request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0)
            ContentTypes.Require(request, ContentTypes.Json);
        return ReadAsync<ReadOnlyMemory<byte>?>(request, (json, limit) => json.IsEmpty ? null : JobRequestReader.ReadPayload(json.ToArray(), limit));
    }

    /// <summary>Reads a whole body that is no larger than a job.</summary>
    /// <exception cref="ProblemException">It is too large, or what <paramref name="parse"/> says.</exception>
    public static ValueTask<T> ReadAsync<T>(HttpRequest request, Func<ReadOnlySequence<byte>, PayloadLimit, T> parse)
    {
        var limit = PayloadLimit.Of(request.HttpContext);
        return ReadAsync(request, limit.JobBytes, () => TooLarge(limit), json => parse(json, limit));
    }

    /// <summary>Reads a whole body.</summary>
    /// <exception cref="ProblemException">What <paramref name="tooLarge"/> or <paramref name="parse"/> says.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpRequest request, int maxBytes, Func<ProblemException> tooLarge, Func<ReadOnlySequence<byte>, T> parse)
    {
        if (request.ContentLength > maxBytes)
            throw tooLarge();
        var body = request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(request.HttpContext.RequestAborted);
            var consumed = read.Buffer.End;
            try
            {
                if (read.Buffer.Length > maxBytes)
                    throw tooLarge();
                if (read.IsCompleted)
                    return parse(read.Buffer);
                consumed = read.Buffer.Start;
            }
            finally
            {
                body.AdvanceTo(consumed, read.Buffer.End);
            }
        }
    }

    /// <summary>Reads one job from bytes that may lie in several pieces.</summary>
    public static JobRequest Parse(in ReadOnlySequence<byte> json, string queue, string? traceParent, PayloadLimit limit)
    {
        if (json.IsSingleSegment)
            return JobRequestReader.Read(json.FirstSpan, queue, traceParent, limit);
        var length = (int)json.Length;
        var whole = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            json.CopyTo(whole);
            return JobRequestReader.Read(whole.AsSpan(0, length), queue, traceParent, limit);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    /// <summary>A job with all its fields is too large.</summary>
    public static ProblemException TooLarge(PayloadLimit limit) =>
        new(new Problem(ProblemTypes.TooLarge, $"A job may have {limit.JobBytes} bytes, its payload {limit.PayloadBytes} of them."));
}
