using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace K8sQueue.Api.Problems;

/// <summary>One occurrence of a <see cref="ProblemType"/>; as a result it writes <c>application/problem+json</c> (RFC 9457).</summary>
internal sealed record Problem(ProblemType Type, string? Detail = null) : IResult
{
    public const string ContentType = "application/problem+json";

    /// <summary>Quotation marks stay readable: a problem is never inside of HTML, and its content type is not sniffed.</summary>
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The field of the body or the parameter that is wrong, for example <c>backoff.jitter</c>.</summary>
    public string? Field { get; init; }

    /// <summary>Where the JSON broke: the line, from 1.</summary>
    public long? Line { get; init; }

    /// <summary>Where the JSON broke: the byte within the line, from 1.</summary>
    public long? Position { get; init; }

    /// <summary>Sent as <c>Retry-After</c>, in seconds.</summary>
    public int? RetryAfterSeconds { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        WriteHeaders(response);
        await using (var writer = new Utf8JsonWriter(response.BodyWriter, WriterOptions))
        {
            writer.WriteStartObject();
            WriteMembers(writer);
            writer.WriteEndObject();
        }

        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }

    /// <summary>Sets status and headers.</summary>
    public void WriteHeaders(HttpResponse response)
    {
        response.StatusCode = Type.Status;
        response.ContentType = ContentType;
        if (RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Writes the standard members into an object that is open already.</summary>
    public void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("type"u8, Type.Uri);
        writer.WriteString("title"u8, Type.Title);
        writer.WriteNumber("status"u8, Type.Status);
        if (Detail is not null)
            writer.WriteString("detail"u8, Detail);
        if (Field is not null)
            writer.WriteString("field"u8, Field);
        if (Line is { } line)
            writer.WriteNumber("line"u8, line);
        if (Position is { } position)
            writer.WriteNumber("position"u8, position);
    }
}

/// <summary>Ends a request with a problem, from where there is no result to return.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Detail ?? problem.Type.Title)
{
    public Problem Problem { get; } = problem;
}
