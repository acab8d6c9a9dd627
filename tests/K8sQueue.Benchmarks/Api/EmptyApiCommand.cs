using System.CommandLine;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Benchmarks.Api;

/// <summary>
/// <c>empty-api</c>: the Kestrel and the routing that the API has, in front of a handler that does nothing, asks for no key and does not read the body.
/// It is what the API could reach at most.
/// </summary>
internal static class EmptyApiCommand
{
    public const string Name = "empty-api";

    public static Command Create()
    {
        var port = new Option<int>("--port") { Required = true };
        var command = new Command(Name, "Part of the benchmark of the API.") { port };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(port), cancellationToken));
        return command;
    }

    private static async Task RunAsync(int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        await using var app = builder.Build();
        app.MapGet("/readyz", (RequestDelegate)(_ => Task.CompletedTask));
        app.MapPost("/v1/queues/{queue}/jobs", (RequestDelegate)(context =>
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return Task.CompletedTask;
        }));
        await app.StartAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
    }
}
