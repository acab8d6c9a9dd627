using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Endpoints;
using Microsoft.AspNetCore.Http;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class JobAnswerTests
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = ApiJsonContext.Default,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, null)]
    [InlineData(true, true)]
    public async Task It_is_what_the_serializer_writes(bool tracked, bool? duplicate)
    {
        var job = new JobAccepted("orders-eu.v2_x.01JD3V6X9QK4T2M7R8ZB5C1N0F", "orders-eu.v2_x", tracked, duplicate);
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await new JobAnswer(job, StatusCodes.Status202Accepted, location: null).ExecuteAsync(context);

        var body = Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
        body.Should().Be(JsonSerializer.Serialize(job, Options));
        context.Response.ContentLength.Should().Be(body.Length);
        context.Response.ContentType.Should().Be("application/json; charset=utf-8");
    }

    [Fact]
    public async Task It_has_room_for_the_longest_name()
    {
        var queue = new string('q', 63);
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await new JobAnswer(new JobAccepted($"{queue}.{new string('7', 26)}", queue, Tracked: false, Duplicate: true), StatusCodes.Status200OK, location: null).ExecuteAsync(context);
        using var json = JsonDocument.Parse(((MemoryStream)context.Response.Body).ToArray());
        json.RootElement.GetProperty("duplicate").GetBoolean().Should().BeTrue();
    }
}
