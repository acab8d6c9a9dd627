using K8sQueue.Worker.Hosting;

namespace K8sQueue.Worker.Tests.Hosting;

public sealed class RecycleRulesTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(0, 1_000_000, RecycleStepNames.None)]
    [InlineData(100, 99, RecycleStepNames.None)]
    [InlineData(100, 100, RecycleStepNames.Recycle)]
    [InlineData(100, 5000, RecycleStepNames.Recycle)]
    public void A_worker_is_recycled_after_its_number_of_jobs(int after, long jobs, string step)
    {
        RecycleRules.Decide(new WorkerOptions { RecycleAfterJobs = after }, jobs, 10_000 * MiB, TimeSpan.FromSeconds(1), null)
            .ToString().Should().Be(step);
    }

    [Theory]
    [InlineData(200, 3600, null, RecycleStepNames.None)]
    [InlineData(201, 3600, null, RecycleStepNames.Collect)]
    [InlineData(201, 3600, 1, RecycleStepNames.Recycle)]
    [InlineData(200, 3600, 1, RecycleStepNames.None)]
    [InlineData(201, 3600, 11, RecycleStepNames.Collect)]
    [InlineData(900, 29, 1, RecycleStepNames.None)]
    public void Memory_above_the_ceiling_is_collected_first_and_then_recycles(int memory, int uptime, int? sinceCollection, string step)
    {
        RecycleRules.Decide(
                new WorkerOptions { RecycleAboveMiB = 200 },
                jobs: 5,
                memory * MiB,
                TimeSpan.FromSeconds(uptime),
                sinceCollection is { } seconds ? TimeSpan.FromSeconds(seconds) : null)
            .ToString().Should().Be(step);
    }

    private static class RecycleStepNames
    {
        public const string None = nameof(RecycleStep.None);
        public const string Collect = nameof(RecycleStep.Collect);
        public const string Recycle = nameof(RecycleStep.Recycle);
    }
}
