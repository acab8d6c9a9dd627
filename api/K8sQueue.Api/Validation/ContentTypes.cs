using K8sQueue.Api.Problems;
using Microsoft.Net.Http.Headers;

namespace K8sQueue.Api.Validation;

/// <summary>Which bodies this API reads: UTF-8, not compressed.</summary>
internal static class ContentTypes
{
    public const string Json = "application/json";
    public const string NdJson = "application/x-ndjson";

    /// <summary>The media type of the body, in lower case and without parameters.</summary>
    /// <exception cref="ProblemException">It is none of <paramref name="allowed"/>, not UTF-8, or compressed.</exception>
    public static string Require(HttpRequest request, params ReadOnlySpan<string> allowed)
    {
        if (request.Headers.ContentEncoding is [{ Length: > 0 } encoding, ..] && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw Unsupported("A compressed body is not supported; send it without Content-Encoding.");
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed))
            throw Unsupported($"Send the body as {string.Join(" or ", allowed)}.");
        var charset = HeaderUtilities.RemoveQuotes(parsed.Charset);
        if (charset.Length > 0 && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw Unsupported("The body must be UTF-8.");
        foreach (var type in allowed)
        {
            if (parsed.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
                return type;
        }

        throw Unsupported($"Send the body as {string.Join(" or ", allowed)}.");
    }

    private static ProblemException Unsupported(string detail) => new(new Problem(ProblemTypes.UnsupportedMediaType, detail));
}
