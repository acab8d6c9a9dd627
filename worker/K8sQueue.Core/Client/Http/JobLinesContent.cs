using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Client.Http;

/// <summary>A body of one job a line, which is written as the jobs come. What is wrong with the source ends it early and whole.</summary>
internal sealed class JobLinesContent : HttpContent
{
    private const int BufferBytes = 32 * 1024;

    private readonly JobSource _source;
    private readonly string _queue;
    private readonly int _most;

    public JobLinesContent(JobSource source, string queue, int most)
    {
        (_source, _queue, _most) = (source, queue, most);
        Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
    }

    /// <summary>Jobs in it so far.</summary>
    public int Sent { get; private set; }

    /// <summary>Whether it was asked for: until then the source has all its jobs.</summary>
    public bool IsBegun { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        IsBegun = true;
        _source.Begin();
        var lines = new ArrayBufferWriter<byte>(2 * BufferBytes);
        while (Sent < _most)
        {
            if (lines.WrittenCount >= BufferBytes || !_source.IsHere)
                await SendAsync(stream, lines, cancellationToken).ConfigureAwait(false);
            if (await _source.TakeAsync(cancellationToken).ConfigureAwait(false) is not { } job || !TryWrite(lines, job))
                break;
        }

        await SendAsync(stream, lines, cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private static async Task SendAsync(Stream stream, ArrayBufferWriter<byte> lines, CancellationToken cancellationToken)
    {
        if (lines.WrittenCount == 0)
            return;
        await stream.WriteAsync(lines.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        lines.ResetWrittenCount();
    }

    private bool TryWrite(ArrayBufferWriter<byte> lines, JobRequest job)
    {
        try
        {
            if (job.Queue.Length > 0 && job.Queue != _queue)
                throw new ArgumentException($"A job is for the queue '{job.Queue}', and this bulk for '{_queue}'.");
            lines.Write(JobRequestJson.Write(job));
            lines.Write("\n"u8);
            Sent++;
            return true;
        }
        catch (ArgumentException e)
        {
            _source.Fail(e);
            return false;
        }
    }
}
