using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Execution.Payloads;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Tests.Execution;

public sealed class PayloadLoaderTests
{
    private const int Jobs = 5;

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 0)]
    public async Task Garbage_is_collected_after_as_much_as_the_memory_for_payloads_where_the_host_says_so_and_nowhere_else(bool collects, int times)
    {
        var collections = 0;
        var options = new WorkerOptions { PayloadMemoryMiB = 2, CollectsAfterPayloads = collects };
        var loader = new PayloadLoader(Options.Create(options)) { Collect = () => collections++ };
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var redis = await RedisServer.StartAsync();
        await using var queue = new RedisJobQueue(new RedisQueueOptions { Address = redis.Address });
        await using var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["q"], Name = "c" }, CancellationToken.None);
        var large = new JobRequest { Queue = "q", Type = "t", Payload = new byte[JobLimits.MaxPayloadBytes] };
        await queue.EnqueueAsync([.. Enumerable.Repeat(large, Jobs)], CancellationToken.None);

        var loaded = 0;
        while (loaded < Jobs)
        {
            foreach (var lease in await consumer.FetchAsync(Jobs, CancellationToken.None))
            {
                using var payload = await loader.LoadAsync(consumer, new RunningJob(lease, handler: null, services.GetRequiredService<IServiceScopeFactory>()));
                payload.Should().NotBeNull("it is not fetched with its job");
                loaded++;
            }
        }

        collections.Should().Be(times);
    }
}
