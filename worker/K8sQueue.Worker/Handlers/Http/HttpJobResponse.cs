using System.Text;

namespace K8sQueue.Worker.Handlers.Http;

/// <summary>What the http handler takes from an answer.</summary>
internal static class HttpJobResponse
{
    private const int MaxErrorBytes = 512;

    /// <summary>The body as a result, where it says it is JSON, is JSON, and fits; else null.</summary>
    public static async Task<byte[]?> ReadResultAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var mediaType = response.Content.Headers.ContentType?.MediaType;
        if (mediaType is null
            || (!mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                && !mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase)))
            return null;
        var body = await ReadAsync(response, JobContext.MaxResultBytes + 1, cancellationToken).ConfigureAwait(false);
        return body.Length is > 0 and <= JobContext.MaxResultBytes && JobResultText.IsJson(body) ? body : null;
    }

    /// <summary>Status, and the start of the body where it is text.</summary>
    public static async Task<string> DescribeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var head = $"{response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Path)} answered {(int)response.StatusCode} {response.ReasonPhrase}";
        if (response.Headers.Location is { } location)
            head += $", a redirect to {location} that is not followed";
        var body = await ReadAsync(response, MaxErrorBytes, cancellationToken).ConfigureAwait(false);
        return body.Length == 0 ? head : $"{head}: {Encoding.UTF8.GetString(body).ReplaceLineEndings(" ").Trim()}";
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, int max, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[max];
            var read = await stream.ReadAtLeastAsync(buffer, max, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return buffer[..read];
        }
    }
}
