using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Client;

/// <summary>
/// Reads one page of a list as it arrives, an object at a time: what is held of the text is one object and what the socket gave last, however
/// long the list. A list of T needs no JSON metadata of its own that way.
/// </summary>
internal static class ListReader
{
    // Below the large object heap's threshold, and longer than most objects, so that one rarely spans two segments.
    private static readonly StreamPipeReaderOptions Buffers = new(bufferSize: 64 * 1024, leaveOpen: true);

    /// <summary>Adds the page's objects to <paramref name="items"/>, each as <paramref name="transform"/> leaves it.</summary>
    /// <exception cref="JsonException">The page is no list, or an object of it does not fit T.</exception>
    public static async Task<(string ResourceVersion, string? Continue)> ReadAsync<T>(
        Stream body, JsonTypeInfo<T> typeInfo, Func<T, T>? transform, List<T> items, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var parser = new ListParser<T>(typeInfo, transform, items);
        var pipe = PipeReader.Create(body, Buffers);
        try
        {
            while (true)
            {
                var result = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
                var buffer = result.Buffer;
                parser.Parse(ref buffer, result.IsCompleted);
                if (parser.IsComplete)
                    return (parser.ResourceVersion, parser.Continue);
                if (result.IsCompleted)
                    throw new JsonException("The list ends in its middle.");
                pipe.AdvanceTo(buffer.Start, result.Buffer.End);
            }
        }
        finally
        {
            await pipe.CompleteAsync().ConfigureAwait(false);
        }
    }
}
