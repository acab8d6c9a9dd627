using K8sQueue.Api.Validation;
using K8sQueue.Client.Http;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Tests.Client;

public sealed class JobRequestJsonTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_the_client_writes_the_API_reads_as_the_same_job(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var job = Next(random);
            job.ThrowIfInvalid();
            var read = JobRequestReader.Read(JobRequestJson.Write(job), job.Queue, traceParent: null, new PayloadLimit(JobLimits.MaxPayloadBytes));
            read.Should().BeEquivalentTo(job, options => options.Excluding(j => j.Payload), $"seed {seed}, round {round}");
            read.Payload.ToArray().Should().Equal(job.Payload.ToArray().Select(b => b == '\n' ? (byte)' ' : b), $"seed {seed}, round {round}");
        }
    }

    private static JobRequest Next(Random random) => new()
    {
        Queue = "q",
        Type = Pick(random, "t", "größe \"x\"", "日本\\"),
        Payload = System.Text.Encoding.UTF8.GetBytes(Pick(random, "null", "1.50", "\"a\\nb\"", "{\n\"a\": [1,\n{}]}", "[\"é\",\"\\u00e9\"]")),
        Tracked = random.Next(2) == 0,
        Lane = Pick(random, Lane.High, Lane.Normal, Lane.Low),
        Delay = Maybe(random, TimeSpan.FromMilliseconds(random.Next(1, 1_000_000))) ?? TimeSpan.Zero,
        Timeout = Maybe(random, TimeSpan.FromMilliseconds(random.Next(1, 1_000_000))),
        Retention = Maybe(random, TimeSpan.FromSeconds(random.Next(0, 1_000))),
        Retry = Pick(
            random,
            RetryPolicy.Default,
            new RetryPolicy { MaxAttempts = random.Next(1, 1001), Delay = TimeSpan.FromSeconds(2_000), MaxDelay = TimeSpan.FromSeconds(3_000), Jitter = 0.5 },
            new RetryPolicy { Backoff = BackoffKind.Fixed, Delay = TimeSpan.FromMilliseconds(random.Next(1, 1_000)), Jitter = 0 },
            new RetryPolicy { Backoff = BackoffKind.Custom, Delays = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60)] }),
        Deduplication = Pick(random, null, new JobDeduplication("k=,;", TimeSpan.FromSeconds(60)), new JobDeduplication("ключ", UntilDone: true)),
        Concurrency = Pick(random, null, new JobConcurrency("tenant", random.Next(1, 10_001))),
        Tags = Pick<IReadOnlyList<string>>(random, [], ["a", "b \"c\""]),
    };

    private static T Pick<T>(Random random, params ReadOnlySpan<T> values) => values[random.Next(values.Length)];

    private static TimeSpan? Maybe(Random random, TimeSpan value) => random.Next(2) == 0 ? value : null;
}
