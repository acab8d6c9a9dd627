using K8sQueue.Api.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>
/// Reads forms as the dashboard's pages send them: <c>application/x-www-form-urlencoded</c>, in memory. A form in parts could have files, and these would be put on the disk.
/// </summary>
internal static class Forms
{
    public const string MediaType = "application/x-www-form-urlencoded";

    /// <summary>How large a form may be that anybody can send, in bytes.</summary>
    public const int MaxOpenBytes = 16 * 1024;

    private static readonly FormOptions Defaults = new();
    private static readonly FormOptions Open = new() { ValueCountLimit = 8, KeyLengthLimit = 64, ValueLengthLimit = MaxOpenBytes };

    /// <exception cref="ProblemException">The body is no such form, or too large.</exception>
    public static Task<IFormCollection> ReadAsync(HttpContext context) => ReadAsync(context, Defaults);

    /// <summary>Reads a form that anybody can send.</summary>
    /// <exception cref="ProblemException">The body is no such form, or too large.</exception>
    public static Task<IFormCollection> ReadOpenAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxOpenBytes)
            throw TooLarge($"This form may have {MaxOpenBytes} bytes.");
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxOpenBytes;
        return ReadAsync(context, Open);
    }

    private static async Task<IFormCollection> ReadAsync(HttpContext context, FormOptions options)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(new Problem(ProblemTypes.UnsupportedMediaType, $"Send the form as {MediaType}."));
        try
        {
            return await context.Request.ReadFormAsync(options, context.RequestAborted);
        }
        catch (InvalidDataException e)
        {
            throw TooLarge(e.Message);
        }
    }

    private static ProblemException TooLarge(string detail) => new(new Problem(ProblemTypes.TooLarge, detail));
}
