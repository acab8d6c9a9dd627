using K8sQueue.Client;
using K8sQueue.Core.Jobs;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Client;

public sealed class ApiKeyFileTests : IDisposable
{
    private static readonly JobRequest Email = new() { Queue = "emails", Type = "email.send" };

    private readonly string _folder = Directory.CreateTempSubdirectory("k8squeue-key").FullName;

    private string KeyFile => Path.Combine(_folder, "key");

    [Fact]
    public async Task A_key_that_is_replaced_in_its_file_is_used_at_once()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        await File.WriteAllTextAsync(KeyFile, "k8sq_old\n");
        using var sut = new ClientUnderTest(api, options => options.ApiKeyFile = KeyFile, new ManualTimeProvider());
        await sut.Client.Awaiting(client => client.EnqueueAsync(Email)).Should().ThrowAsync<K8sQueueAccessException>();
        await File.WriteAllTextAsync(KeyFile, api.Secret + "\n");
        await sut.Client.EnqueueAsync(Email);
    }

    [Fact]
    public async Task A_bulk_whose_key_is_replaced_goes_on_with_the_new_one_and_loses_no_job()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        await File.WriteAllTextAsync(KeyFile, "k8sq_old");
        using var sut = new ClientUnderTest(api, options => options.ApiKeyFile = KeyFile, new ManualTimeProvider());
        await sut.Client.Awaiting(client => client.EnqueueManyAsync("emails", [Email]).ToListAsync().AsTask()).Should().ThrowAsync<K8sQueueAccessException>();
        sut.Sent.Should().ContainSingle("the file has no other key");

        await File.WriteAllTextAsync(KeyFile, api.Secret);
        var results = await sut.Client.EnqueueManyAsync("emails", [Email, Email, Email]).ToListAsync();
        results.Select(result => (result.Index, result.IsAccepted)).Should().BeEquivalentTo([(0L, true), (1L, true), (2L, true)]);
        sut.Sent.Should().HaveCount(3);
        (await queue.FetchAsync("emails")).Should().HaveCount(3);
    }

    [Fact]
    public async Task A_file_that_can_not_be_read_is_an_exception_of_the_clients_own()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        foreach (var file in (IEnumerable<string>)[KeyFile, _folder])
        {
            using var sut = new ClientUnderTest(api, options => options.ApiKeyFile = file);
            (await sut.Client.Awaiting(client => client.EnqueueAsync(Email)).Should().ThrowAsync<K8sQueueAccessException>()).Which.Message.Should().Contain(file);
            await sut.Client.Awaiting(client => client.EnqueueManyAsync("emails", [Email]).ToListAsync().AsTask()).Should().ThrowAsync<K8sQueueAccessException>();
            sut.Sent.Should().BeEmpty();
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
