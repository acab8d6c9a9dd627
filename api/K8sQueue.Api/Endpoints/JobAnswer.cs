using System.Text.Unicode;
using K8sQueue.Api.Contracts;

namespace K8sQueue.Api.Endpoints;

/// <summary>
/// Answers with a <see cref="JobAccepted"/>. It is what the API writes most, so it is written by hand, in one piece: ids and names of queues have nothing that JSON
/// escapes.
/// </summary>
/// <param name="job">The job.</param>
/// <param name="status">The status.</param>
/// <param name="location">The address of the job's record; null where it has none.</param>
internal sealed class JobAnswer(JobAccepted job, int status, string? location) : IResult
{
    private const int BytesBeside = 64;
    private const string ContentType = "application/json; charset=utf-8";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = ContentType;
        if (location is not null)
            response.Headers.Location = location;
        var json = Json();
        response.ContentLength = json.Length;
        return response.BodyWriter.WriteAsync(json, httpContext.RequestAborted).AsTask();
    }

    private ReadOnlyMemory<byte> Json()
    {
        var bytes = new byte[job.Id.Length + job.Queue.Length + BytesBeside];
        var (tracked, duplicate) = (job.Tracked ? "true" : "false", job.Duplicate is true ? ",\"duplicate\":true" : "");
        _ = Utf8.TryWrite(bytes, $"{{\"id\":\"{job.Id}\",\"queue\":\"{job.Queue}\",\"tracked\":{tracked}{duplicate}}}", out var written);
        return bytes.AsMemory(0, written);
    }
}
