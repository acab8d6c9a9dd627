using System.Security.Cryptography;
using K8sQueue.Api.Endpoints;

namespace K8sQueue.Api.Hosting.Document;

/// <summary>Gives the document an entity tag, and answers 304 to who has it: it stays the same until another release.</summary>
internal static class DocumentTag
{
    private const int HashLength = 32;

    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var response = http.Response;
        var body = response.Body;
        using var document = new MemoryStream();
        response.Body = document;
        object? result;
        try
        {
            result = await next(context);
        }
        finally
        {
            response.Body = body;
        }

        if (response.StatusCode == StatusCodes.Status200OK)
        {
            document.Position = 0;
            var tag = $"\"{Convert.ToHexStringLower(await SHA256.HashDataAsync(document, http.RequestAborted))[..HashLength]}\"";
            response.Headers.ETag = tag;
            if (EntityTags.IsKnown(http.Request, tag))
            {
                (response.StatusCode, response.ContentType) = (StatusCodes.Status304NotModified, null);
                return result;
            }
        }

        document.Position = 0;
        await document.CopyToAsync(body, http.RequestAborted);
        return result;
    }
}
