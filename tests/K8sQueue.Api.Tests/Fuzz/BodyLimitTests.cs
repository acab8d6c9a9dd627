using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Tests.Fuzz;

/// <summary>Bodies that never end and bodies that stop, for every operation that takes one.</summary>
public sealed class BodyLimitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_body_without_an_end_is_refused_after_a_few_megabytes()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        const long Most = 64L * 1024 * 1024;
        foreach (var operation in await OperationsAsync(api, bulk: false))
        {
            using var client = api.Client();
            var sent = 0L;
            using var content = new StreamingContent("application/json", async stream =>
            {
                var piece = Encoding.ASCII.GetBytes(new string(' ', 64 * 1024));
                for (; sent < Most; sent += piece.Length)
                    await stream.WriteAsync(piece);
            });
            using var request = new HttpRequestMessage(new HttpMethod(operation.Method), PathOf(operation)) { Content = content };
            try
            {
                using var response = await client.SendAsync(request);
                ((int)response.StatusCode).Should().BeInRange(400, 499, operation.ToString());
                await response.ShouldBeProblemAsync("too-large");
            }
            catch (HttpRequestException)
            {
                // The connection was cut while the client still sent.
            }

            sent.Should().BeLessThan(Most / 2, operation.ToString());
        }
    }

    [Fact]
    public async Task A_body_that_stops_arriving_is_a_time_out_for_every_operation()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        var operations = await OperationsAsync(api, bulk: true);
        operations.Should().HaveCountGreaterThan(4);
        var answers = await Task.WhenAll(operations.Select(operation => StallAsync(api, operation)));
        answers.Should().OnlyContain(answer => answer.Status == 408 || answer.Status == 0, string.Join('\n', answers));
        answers.Should().Contain(answer => answer.Status == 408);
        queue.Enqueues.Should().Be(0);
    }

    // Half a body, and then nothing; the status, 0 where the connection was cut without an answer.
    private static async Task<(string Operation, int Status)> StallAsync(KestrelApi api, ApiOperation operation)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        using var client = new TcpClient();
        await client.ConnectAsync(api.Address.Host, api.Address.Port, limit.Token);
        var stream = client.GetStream();
        var request = $"{operation.Method} {PathOf(operation)} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {api.Secret}\r\nContent-Type: {operation.Bodies.Keys.First()}\r\nContent-Length: 1000\r\n\r\n{(operation.Path.EndsWith("/bulk", StringComparison.Ordinal) ? "[" : "")}{{\"type\":";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), limit.Token);
        var buffer = new byte[4096];
        var read = 0;
        try
        {
            read = await stream.ReadAsync(buffer, limit.Token);
        }
        catch (IOException)
        {
            // It was reset.
        }

        var line = Encoding.ASCII.GetString(buffer, 0, read).Split(' ');
        return (operation.ToString(), read == 0 ? 0 : int.Parse(line[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task<IReadOnlyList<ApiOperation>> OperationsAsync(KestrelApi api, bool bulk)
    {
        using var client = api.Client();
        using var document = JsonDocument.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        return [.. ApiOperation.All(document.RootElement.Clone()).Where(operation => operation.Bodies.Count > 0 && (bulk || !operation.Path.EndsWith("/bulk", StringComparison.Ordinal)))];
    }

    private static Uri PathOf(ApiOperation operation) => new(
        operation.Path
            .Replace("{queue}", "emails", StringComparison.Ordinal)
            .Replace("{id}", JobId.Create("emails", tracked: true, TimeProvider.System).Value, StringComparison.Ordinal)
            .Replace("{name}", "daily", StringComparison.Ordinal),
        UriKind.Relative);
}
