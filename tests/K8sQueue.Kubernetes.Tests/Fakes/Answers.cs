using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace K8sQueue.Kubernetes.Tests.Fakes;

/// <summary>What the fake API server can say.</summary>
public static class Answers
{
    public static Func<HttpContext, Task> Json(string json, int status = 200) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(json, context.RequestAborted);
    };

    public static Func<HttpContext, Task> Status(int code, string reason, string message, int? retryAfter = null) => async context =>
    {
        if (retryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await Json($$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"{{message}}","reason":"{{reason}}","code":{{code}}}""", code)(context);
    };

    /// <summary>A page of ConfigMap-like widgets.</summary>
    public static Func<HttpContext, Task> List(string version, string? next, params string[] items) =>
        Json($$"""{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"{{version}}","continue":"{{next}}","remainingItemCount":1},"items":[{{string.Join(',', items)}}]}""");

    /// <summary>Events of a watch, after which the server ends it.</summary>
    public static Func<HttpContext, Task> Watch(params string[] events) => async context =>
    {
        await StartWatchAsync(context);
        foreach (var line in events)
            await context.Response.WriteAsync(line + "\n", context.RequestAborted);
    };

    /// <summary>Events of a watch that then stays open, silent.</summary>
    public static Func<HttpContext, Task> OpenWatch(params string[] events) => async context =>
    {
        await Watch(events)(context);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Forever(context);
    };

    /// <summary>Some bytes of a watch; once the client has seen what is whole of them, the connection breaks.</summary>
    public static Func<HttpContext, Task> TornWatch(string bytes, Task seen) => async context =>
    {
        await StartWatchAsync(context);
        await context.Response.WriteAsync(bytes, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await seen;
        context.Abort();
    };

    /// <summary>No answer until the client goes.</summary>
    public static async Task Forever(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    public static Task Abort(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    public static string Widget(string name, string version, string uid = "", int? size = null) =>
        $$"""{"metadata":{"name":"{{name}}","namespace":"shop","uid":"{{(uid.Length == 0 ? name : uid)}}","resourceVersion":"{{version}}"},"spec":{"size":{{size ?? 1}} } }""";

    public static string Event(string type, string json) => $$"""{"type":"{{type}}","object":{{json}} }""";

    public static string Bookmark(string version) =>
        $$"""{"type":"BOOKMARK","object":{"kind":"Widget","apiVersion":"test.io/v1","metadata":{"resourceVersion":"{{version}}"},"spec":{} } }""";

    public static string Expired() =>
        """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","message":"too old resource version: 1 (9)","reason":"Expired","code":410}}""";

    private static async Task StartWatchAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
