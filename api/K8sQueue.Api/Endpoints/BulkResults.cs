using System.IO.Pipelines;
using System.Text.Json;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Endpoints;

/// <summary>
/// The results of a bulk enqueue, kept as the JSON that will be sent, in pooled segments. They are sent after the whole request was
/// read: most clients don't read an answer while they still send, and would block for ever on a full socket.
/// </summary>
internal sealed class BulkResults : IDisposable
{
    private readonly Pipe _json = new(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 32 * 1024, useSynchronizationContext: false));
    private readonly Utf8JsonWriter _writer;

    public BulkResults()
    {
        _writer = new Utf8JsonWriter(_json.Writer, Problem.WriterOptions);
        _writer.WriteStartArray();
    }

    public int Accepted { get; private set; }

    public int Rejected { get; private set; }

    public void Accept(int index, EnqueuedJob job)
    {
        Accepted++;
        Open(index, job.IsDuplicate ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
        _writer.WriteString("id"u8, job.Id.Value);
        Close();
    }

    public void Reject(int index, Problem problem)
    {
        Rejected++;
        Open(index, problem.Type.Status);
        _writer.WriteString("type"u8, problem.Type.Uri);
        _writer.WriteString("detail"u8, problem.Detail ?? problem.Type.Title);
        if (problem.Field is not null)
            _writer.WriteString("field"u8, problem.Field);
        Close();
    }

    /// <summary>The answer: a plain document, or the problem that ended the request early with the results in it.</summary>
    public IResult ToAnswer(Problem? problem)
    {
        _writer.WriteEndArray();
        _writer.Flush();
        return new Answer(this, problem);
    }

    /// <summary>Gives the segments back.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        _json.Writer.Complete();
        _json.Reader.Complete();
    }

    private void Open(int index, int status)
    {
        _writer.WriteStartObject();
        _writer.WriteNumber("index"u8, index);
        _writer.WriteNumber("status"u8, status);
    }

    private void Close()
    {
        _writer.WriteEndObject();
        _writer.Flush();
    }

    private sealed class Answer(BulkResults results, Problem? problem) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.ContentType = ContentTypes.Json;
            problem?.WriteHeaders(response);

            await results._json.Writer.CompleteAsync();
            var writer = new Utf8JsonWriter(response.BodyWriter, Problem.WriterOptions);
            await using (writer)
            {
                writer.WriteStartObject();
                problem?.WriteMembers(writer);
                writer.WriteNumber("accepted"u8, results.Accepted);
                writer.WriteNumber("rejected"u8, results.Rejected);
                writer.WritePropertyName("results"u8);
                writer.Flush();
                await results._json.Reader.CopyToAsync(response.BodyWriter, httpContext.RequestAborted);
                writer.Reset();
            }

            await response.BodyWriter.WriteAsync("}"u8.ToArray(), httpContext.RequestAborted);
        }
    }
}
