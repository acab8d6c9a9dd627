using System.Text;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;

namespace K8sQueue.LocalCluster.Http;

/// <summary>The root of all requests: health, version, discovery, resources; refusals become Statuses.</summary>
internal sealed partial class ApiServer(
    Discovery discovery, OpenApi openApi, ResourceDispatcher dispatcher, AccessReviews reviews, TimeProvider time, ILogger<ApiServer> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var start = time.GetTimestamp();
        try
        {
            await RouteAsync(context);
        }
        catch (ClusterApiException e) when (!context.Response.HasStarted)
        {
            await ApiResponse.WriteAsync(context, e.Code, e.ToStatus());
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left; there is nobody to answer.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Log.Failed(logger, e, context.Request.Method, context.Request.Path);
            var status = new ClusterApiException(500, "InternalError", $"Internal error occurred: {e.Message}").ToStatus();
            await ApiResponse.WriteAsync(context, 500, status);
        }
        finally
        {
            Log.Served(logger, context.Request.Method, context.Request.Path, context.Request.QueryString.Value ?? "",
                RequestOptions.ManagerOf(context.Request.Headers.UserAgent.ToString()), context.Response.StatusCode,
                time.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    private async Task RouteAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/healthz" or "/readyz" or "/livez":
                await ApiResponse.WriteAsync(context, 200, Encoding.UTF8.GetBytes("ok"), "text/plain");
                return;
            case "/version":
                await ApiResponse.WriteAsync(context, 200, ServerVersion.Body());
                return;
            case "/":
                await ApiResponse.WriteAsync(context, 200, new JsonObject { ["paths"] = new JsonArray("/api", "/apis", "/openapi/v3", "/version") });
                return;
            case AccessReviews.Path when HttpMethods.IsPost(context.Request.Method):
                await reviews.ServeAsync(context);
                return;
        }

        if (HttpMethods.IsGet(context.Request.Method) && (await openApi.TryServeAsync(context) || await discovery.TryServeAsync(context)))
            return;
        var path = RequestPath.Parse(context.Request.Path.Value ?? "") ?? throw ApiErrors.NoSuchPath();
        await dispatcher.DispatchAsync(context, path);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "{Method} {Path}{Query} by {Agent}: {Code} in {Milliseconds:0.0} ms")]
        public static partial void Served(
            ILogger logger, string method, PathString path, string query, string agent, int code, double milliseconds);

        [LoggerMessage(2, LogLevel.Error, "{Method} {Path} failed")]
        public static partial void Failed(ILogger logger, Exception exception, string method, PathString path);
    }
}
