using System.Buffers;
using System.IO.Compression;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>
/// Large payloads. One of more than <see cref="RedisQueueOptions.InlinePayloadBytes"/> is kept in a key of its own, since every script that
/// moves a job copies what is in its entry, and a fetch brings the entries of many jobs at once; the worker reads it when the job starts.
/// Where <see cref="RedisQueueOptions.CompressAboveBytes"/> is set, larger ones are compressed if that makes them smaller.
/// </summary>
internal sealed class PayloadStore(RedisServices services)
{
    private RedisQueueOptions Options => services.Options;

    /// <summary>The jobs with their payloads as they are to be kept; the same list where all are kept as they are.</summary>
    public IReadOnlyList<JobRequest> Pack(IReadOnlyList<JobRequest> jobs)
    {
        JobRequest[]? packed = null;
        for (var i = 0; i < jobs.Count; i++)
        {
            if (Pack(jobs[i]) is { } job)
                (packed ??= [.. jobs])[i] = job;
        }

        return packed ?? jobs;
    }

    /// <summary>Another payload for a job that there is: the traits that say how it is kept, and what is kept.</summary>
    /// <exception cref="ArgumentException">It is too large.</exception>
    public RedisValue[] Pack(ReadOnlyMemory<byte> payload)
    {
        JobRequest.ThrowIfTooLarge(payload, Options.MaxPayloadBytes);
        var job = new JobRequest { Queue = "any", Type = "any", Payload = payload };
        var packed = Pack(job) ?? job;
        return [JobTraitsText.Format(packed.Traits), packed.Payload.ToArray()];
    }

    /// <summary>A payload as the producer gave it.</summary>
    /// <exception cref="JobPayloadException">It is not there, or is not what its job says.</exception>
    public async Task<JobEnvelope> LoadAsync(JobEnvelope job)
    {
        if (job.Traits?.Stored is not { } stored)
            return job;
        var payload = job.Payload;
        if (stored.ApartBytes is { } bytes)
        {
            var key = (RedisKey)services.Queue(job.Id.Queue).Names.PayloadKey(job.Id);
            var found = (RedisValue)await services.Connection.ExecuteAsync("GET", key).ConfigureAwait(false);
            payload = found.IsNull ? throw new JobPayloadException($"The payload of {bytes} bytes is not in its key.") : (byte[])found!;
        }

        return job with { Payload = Unpack(payload, stored), Traits = job.Traits with { Stored = null } };
    }

    /// <summary>Unpacks what stands in a job's entry or its key.</summary>
    /// <exception cref="JobPayloadException">It is not what its job says.</exception>
    internal static ReadOnlyMemory<byte> Unpack(ReadOnlyMemory<byte> payload, StoredPayload stored)
    {
        if (stored.ApartBytes is { } bytes && bytes != payload.Length)
            throw new JobPayloadException($"The payload has {payload.Length} bytes in its key in place of {bytes}.");
        return stored.OriginalBytes is { } original ? Decompress(payload, original) : payload;
    }

    private JobRequest? Pack(JobRequest job)
    {
        var payload = job.Payload;
        var original = payload.Length > Options.CompressAboveBytes ? payload.Length : (int?)null;
        if (original is not null && Compress(payload) is var smaller && smaller.Length < payload.Length)
            payload = smaller;
        else
            original = null;
        var isApart = payload.Length > Options.InlinePayloadBytes;
        return isApart || original is not null
            ? job with { Payload = payload, Stored = new StoredPayload(isApart ? payload.Length : null, original) }
            : null;
    }

    private static byte[] Compress(ReadOnlyMemory<byte> payload)
    {
        using var target = new MemoryStream(payload.Length / 2);
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(payload.Span);
        return target.ToArray();
    }

    // No more than the job says comes out, whatever goes in.
    private static byte[] Decompress(ReadOnlyMemory<byte> payload, int original)
    {
        var rented = ArrayPool<byte>.Shared.Rent(payload.Length);
        try
        {
            payload.CopyTo(rented);
            using var gzip = new GZipStream(new MemoryStream(rented, 0, payload.Length), CompressionMode.Decompress);
            var plain = new byte[original];
            return gzip.ReadAtLeast(plain, original, throwOnEndOfStream: false) == original && gzip.ReadByte() < 0
                ? plain
                : throw new JobPayloadException($"The payload does not have {original} bytes when it is decompressed.");
        }
        catch (InvalidDataException e)
        {
            throw new JobPayloadException("The payload can't be decompressed.", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
