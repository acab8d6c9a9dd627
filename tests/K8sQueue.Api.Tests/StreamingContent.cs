using System.Net;
using System.Net.Http.Headers;

namespace K8sQueue.Api.Tests;

/// <summary>A body of unknown length that is written while it is sent.</summary>
internal sealed class StreamingContent : HttpContent
{
    private readonly Func<Stream, Task> _write;

    public StreamingContent(string contentType, Func<Stream, Task> write)
    {
        _write = write;
        Headers.ContentType = new MediaTypeHeaderValue(contentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _write(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
