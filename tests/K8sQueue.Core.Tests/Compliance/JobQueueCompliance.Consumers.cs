namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task Consumers_are_listed_with_the_jobs_that_they_own()
    {
        (await Jobs.ListConsumersAsync(Queue, 10, Bound)).Should().BeEmpty("nobody ever read the queue");
        await EnqueueAsync();
        await EnqueueAsync();
        var busy = await OpenAsync();
        var idle = await OpenAsync();
        var lease = await FetchOneAsync(busy);

        var consumers = await Jobs.ListConsumersAsync(Queue, 10, Bound);

        consumers.Select(consumer => (consumer.Name, consumer.InFlight)).Should().BeEquivalentTo([(busy.Name, 1), (idle.Name, 0)]);
        consumers.Should().OnlyContain(consumer => consumer.LastSeen >= TimeSpan.Zero && consumer.LastSeen < TimeSpan.FromSeconds(30));
        (await Jobs.ListConsumersAsync(Queue, 1, Bound)).Should().ContainSingle("no more than were asked for");
        await CompleteAsync(busy, lease);
        (await Jobs.ListConsumersAsync(Queue, 10, Bound)).Sum(consumer => consumer.InFlight).Should().Be(0);
    }

    [Fact]
    public async Task A_lost_consumer_is_listed_with_its_silence_until_housekeeping_removes_it()
    {
        await EnqueueAsync();
        var lost = await OpenAsync();
        await FetchOneAsync(lost);

        await CrashAsync(lost);

        await Testing.Eventually.IsTrue(async () => (await Jobs.ListConsumersAsync(Queue, 10, Bound)) is [{ InFlight: 1, LastSeen.TotalMilliseconds: > 300 }]);
    }
}
