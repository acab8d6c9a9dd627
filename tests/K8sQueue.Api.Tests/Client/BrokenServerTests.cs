using System.Net;
using K8sQueue.Client;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Tests.Client;

public sealed class BrokenServerTests
{
    [Fact]
    public async Task What_must_not_be_repeated_is_sent_once_though_the_connection_ends_without_an_answer()
    {
        await using var server = new BrokenServer();
        using var sut = new ClientUnderTest(options => options.Address = server.Address);
        await sut.Client.Awaiting(client => client.TriggerScheduleAsync("emails", "daily")).Should().ThrowAsync<K8sQueueUnavailableException>();
        server.Requests.Should().Be(1);
    }

    [Fact]
    public async Task A_client_that_is_to_repeat_nothing_repeats_no_post()
    {
        await using var server = new BrokenServer();
        using var sut = new ClientUnderTest(options => (options.Address, options.MaxRetries) = (server.Address, 0));
        var id = JobId.Create("emails", tracked: true, TimeProvider.System);
        Func<K8sQueueClient, Task>[] calls =
        [
            client => client.CancelAsync(id), client => client.RetryAsync(id), client => client.DrainAsync("emails"),
            client => client.RetryAllAsync("emails", new JobFilter(JobState.Dead)), client => client.SetSchedulePausedAsync("emails", "daily", paused: true),
        ];
        for (var i = 0; i < calls.Length; i++)
        {
            await sut.Client.Awaiting(calls[i]).Should().ThrowAsync<K8sQueueUnavailableException>();
            server.Requests.Should().Be(i + 1);
        }
    }

    [Fact]
    public async Task An_error_that_breaks_off_is_an_exception_of_the_clients_own()
    {
        await using var server = new BrokenServer("HTTP/1.1 507 Insufficient Storage\r\nContent-Type: application/problem+json\r\nContent-Length: 1000\r\n\r\n{");
        using var sut = new ClientUnderTest(options => options.Address = server.Address);
        var job = new JobRequest { Queue = "", Type = "t" };
        (await sut.Client.Awaiting(client => client.EnqueueManyAsync("bulk", [job]).ToListAsync().AsTask()).Should().ThrowAsync<K8sQueueUnavailableException>())
            .Which.Status.Should().Be(HttpStatusCode.InsufficientStorage);
    }
}
