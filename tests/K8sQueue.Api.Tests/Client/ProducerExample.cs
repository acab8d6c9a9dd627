using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using K8sQueue.Client;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Client;

/// <summary>The code of docs/how-to/produce-from-dotnet.md, which a test runs, and compares with what is shown there.</summary>
internal static class ProducerExample
{
    public static void Add(IServiceCollection services, IConfiguration configuration)
    {
        // example: add
        services.AddK8sQueueClient(options =>
        {
            options.Address = new Uri(configuration["K8SQUEUE_API"]!);
            options.ApiKeyFile = "/run/secrets/k8squeue-key";
        });
        // end
    }
}

// example: enqueue
public sealed class Orders(K8sQueueClient jobs)
{
    public async Task<JobId> ConfirmAsync(Order order, CancellationToken cancellationToken)
    {
        var job = await jobs.EnqueueAsync(
            new JobRequest
            {
                Queue = "emails",
                Type = "order.confirm",
                Payload = JobPayload.Of(order, OrdersJson.Default.Order),
                Tracked = true,
            },
            idempotencyKey: $"order-{order.Id}",
            cancellationToken);
        return job.Id;
    }
}

public sealed record Order(int Id, string Email);

public sealed record Receipt(string MessageId);

[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Receipt))]
public sealed partial class OrdersJson : JsonSerializerContext;
// end

internal static class ProducerExamples
{
    public static async Task<string?> WaitAsync(K8sQueueClient jobs, JobId id)
    {
        // example: wait
        var record = await jobs.WaitAsync(id, TimeSpan.FromSeconds(30));
        var receipt = record.ReadResult(OrdersJson.Default.Receipt);
        // end
        return receipt?.MessageId;
    }

    public static async Task<IReadOnlyList<string>> SendManyAsync(K8sQueueClient jobs, IAsyncEnumerable<Order> orders)
    {
        var log = new List<string>();

        // example: bulk
        await foreach (var result in jobs.EnqueueManyAsync("emails", JobsAsync(orders)))
        {
            if (!result.IsAccepted)
                log.Add($"order {result.Index} was refused: {result.Detail}");
        }

        static async IAsyncEnumerable<JobRequest> JobsAsync(IAsyncEnumerable<Order> orders, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var order in orders.WithCancellation(cancellationToken))
                yield return new JobRequest { Queue = "emails", Type = "order.remind", Payload = JobPayload.Of(order, OrdersJson.Default.Order) };
        }

        // end
        return log;
    }

    public static async Task ScheduleAsync(K8sQueueClient jobs)
    {
        // example: schedule
        var later = await jobs.EnqueueAsync(new JobRequest { Queue = "emails", Type = "order.remind", Delay = TimeSpan.FromHours(24), Tracked = true });
        await jobs.CancelAsync(later);

        await jobs.PutScheduleAsync(new JobSchedule
        {
            Name = "daily-report",
            Cron = "30 4 * * *",
            TimeZone = "Europe/Berlin",
            Job = new JobRequest { Queue = "reports", Type = "report.daily" },
        });
        // end
    }

    public static async Task<IReadOnlyList<string>> ManageAsync(K8sQueueClient jobs)
    {
        var log = new List<string>();

        // example: manage
        var failed = new JobFilter(JobState.Dead) { Type = "order.remind" };
        await foreach (var job in jobs.FindAsync("emails", failed))
            log.Add($"{job.Id}: {job.Error}");
        await jobs.RetryAllAsync("emails", failed);

        var obsolete = new JobFilter(JobState.Delayed) { Tag = "trial", Before = DateTimeOffset.Parse("2026-01-31T12:00:00Z") };
        var cancelled = await jobs.CancelAllAsync("emails", obsolete);
        log.Add($"{cancelled.Done} of the trial's reminders will not be sent");
        // end
        return log;
    }

    public static async Task<string> HandleAsync(K8sQueueClient jobs, JobRequest job)
    {
        var log = new List<string>();

        // example: errors
        try
        {
            await jobs.EnqueueAsync(job);
        }
        catch (K8sQueueRefusedException e)
        {
            log.Add($"{e.ProblemType} in {e.Field}: {e.Detail}");
        }
        catch (K8sQueueUnavailableException e)
        {
            log.Add($"try again later: {e.Message}");
        }

        // end
        return string.Concat(log);
    }
}
