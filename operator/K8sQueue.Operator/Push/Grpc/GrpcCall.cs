using System.Globalization;
using System.Text;

namespace K8sQueue.Operator.Push.Grpc;

/// <summary>One call: its deadline, and its end as trailers.</summary>
internal static partial class GrpcCall
{
    private const string ContentType = "application/grpc";

    public static async Task RunAsync(HttpContext context, Func<CancellationToken, Task> call)
    {
        if (context.Request.ContentType?.StartsWith(ContentType, StringComparison.Ordinal) != true)
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        context.Response.ContentType = ContentType;
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        using var deadline = DeadlineOf(context.Request, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, deadline.Token);
        try
        {
            await call(both.Token).ConfigureAwait(false);
            End(context.Response, GrpcStatusCode.Ok, "");
        }
        catch (GrpcException e)
        {
            End(context.Response, e.Code, e.Message);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // The caller has gone.
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            End(context.Response, GrpcStatusCode.DeadlineExceeded, "The deadline has passed.");
        }
        catch (Exception e)
        {
            var logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(GrpcCall).FullName!);
            Log.Failed(logger, context.Request.Path, e);
            End(context.Response, GrpcStatusCode.Internal, "The call failed; the operator's log says why.");
        }
    }

    /// <summary>grpc-message: printable ASCII but for the percent sign; everything else is percent-encoded UTF-8.</summary>
    public static string Encode(string message)
    {
        var text = new StringBuilder(message.Length);
        foreach (var b in Encoding.UTF8.GetBytes(message))
        {
            if (b is >= 0x20 and <= 0x7e and not (byte)'%')
                text.Append((char)b);
            else
                text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return text.ToString();
    }

    private static CancellationTokenSource DeadlineOf(HttpRequest request, TimeProvider time) =>
        request.Headers["grpc-timeout"] is [{ } text] && GrpcTimeout.TryParse(text, out var timeout)
            ? new CancellationTokenSource(timeout, time)
            : new CancellationTokenSource();

    private static void End(HttpResponse response, GrpcStatusCode code, string message)
    {
        response.AppendTrailer("grpc-status", ((int)code).ToString(CultureInfo.InvariantCulture));
        if (message.Length > 0)
            response.AppendTrailer("grpc-message", Encode(message));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The call {Path} failed.")]
        public static partial void Failed(ILogger logger, string path, Exception exception);
    }
}
