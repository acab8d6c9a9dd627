using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Operator.Tests.Discovery;

/// <summary>Lists of connections as a management API that is made up gives them.</summary>
public sealed class RabbitMqConnectionsTests : IAsyncLifetime
{
    private readonly WebApplication _server;
    private readonly List<int> _asked = [];
    private Func<int, Page> _pages = _ => new([], 1, 0);

    public RabbitMqConnectionsTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    [Fact]
    public async Task All_pages_together_are_a_look()
    {
        _pages = page => new([$"c{page}"], 3, 3);

        (await ReadAsync()).Live.Should().ContainSingle(item => item.Name == "pod" && item.Count == 3);
    }

    [Fact]
    public async Task More_than_are_looked_through_are_no_look()
    {
        _pages = page => new([$"c{page}"], 41, 20_001);

        var reading = await ReadAsync();

        reading.Live.Should().BeNull();
        reading.Hidden.Should().Contain("20001 connections, more than the 20000");
        reading.Capacity.Should().Be(9);
    }

    [Fact]
    public async Task Pages_that_do_not_fit_together_are_read_again()
    {
        // One closed between the pages, and what came after it moved to the page before.
        _pages = page => _asked.Count <= 2 ? new([$"c{page}"], 2, 4 - page) : new([$"c{page}"], 2, 2);

        (await ReadAsync()).Live.Should().ContainSingle(item => item.Count == 2);
        _asked.Should().Equal(1, 2, 1, 2);
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(1, 2)]
    public async Task Those_that_never_fit_together_are_no_look(int different, int total)
    {
        _pages = page => new([$"c{page % different}"], 2, total);

        var reading = await ReadAsync();

        reading.Live.Should().BeNull();
        reading.Hidden.Should().Contain("faster than they can be listed");
    }

    public Task InitializeAsync() => _server.StartAsync(CancellationToken.None);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    private Task<CapacityReading> ReadAsync() => DiscoverySamples.ReadAsync(
        DiscoverySamples.Budget(spec => spec.Rabbitmq = new RabbitMqServerSpec
        {
            ManagementUrl = _server.Urls.First(),
            UsernameSecretRef = new() { Name = "rabbit", Key = "user" },
            PasswordSecretRef = new() { Name = "rabbit", Key = "password" },
        }),
        DiscoverySamples.Secret("rabbit", ("user", "monitor"), ("password", "secret")));

    private Task AnswerAsync(HttpContext context)
    {
        object answer = Array.Empty<object>();
        if (context.Request.Path.Value!.StartsWith("/api/vhost-limits", StringComparison.Ordinal))
            answer = new[] { new Dictionary<string, object> { ["value"] = new Dictionary<string, int> { ["max-connections"] = 9 } } };
        if (context.Request.Path == "/api/connections")
        {
            _asked.Add(int.Parse(context.Request.Query["page"]!, System.Globalization.CultureInfo.InvariantCulture));
            var (names, pages, total) = _pages(_asked[^1]);
            var items = names.Select(name => new { name, vhost = "/", peer_host = "10.0.0.1", user_provided_name = "pod" });
            answer = new { items, page_count = pages, total_count = total };
        }

        return context.Response.WriteAsJsonAsync(answer, context.RequestAborted);
    }

    private sealed record Page(string[] Names, int Count, int Total);
}
