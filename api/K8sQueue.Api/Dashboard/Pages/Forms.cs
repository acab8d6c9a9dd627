using K8sQueue.Api.Problems;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Reads forms.</summary>
internal static class Forms
{
    /// <exception cref="ProblemException">The body is no form, or too large.</exception>
    public static async Task<IFormCollection> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
            throw new ProblemException(new Problem(ProblemTypes.UnsupportedMediaType, "Send the body as a form."));
        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (InvalidDataException e)
        {
            throw new ProblemException(new Problem(ProblemTypes.TooLarge, e.Message));
        }
    }
}
