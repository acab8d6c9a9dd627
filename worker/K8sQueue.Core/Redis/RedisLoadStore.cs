using K8sQueue.Core.Capacity;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>The load of queues in a hash a minute: report.lua writes it, capacity.lua reads it.</summary>
internal sealed class RedisLoadStore(RedisServices services) : ILoadStore
{
    public async ValueTask ReportAsync(string queue, LoadSample sample, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sample);
        cancellationToken.ThrowIfCancellationRequested();
        RedisValue[] arguments =
        [
            EntryHeader.Milliseconds(LoadReports.Retention), EntryHeader.Milliseconds(sample.Elapsed), .. LoadFields.Write(sample),
        ];
        await services.Connection.EvaluateAsync(RedisScript.Report, KeysOf(queue), arguments)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<LoadHistory> ReadAsync(string queue, CancellationToken cancellationToken)
    {
        var reply = await services.Connection.EvaluateAsync(RedisScript.Capacity, KeysOf(queue), [LoadHistory.Minutes])
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        return Read((RedisResult[])reply!);
    }

    private RedisKey[] KeysOf(string queue)
    {
        var names = services.Peek(queue).Names;
        return [names.Statistics, names.Load, names.LoadPrefix];
    }

    private static LoadHistory Read(RedisResult[] reply)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds((long)reply[0]);
        var current = ArrivalRules.StartOf(ArrivalRules.MinuteOf(now));
        var minutes = new List<LoadMinute>();
        for (var i = 3; i < reply.Length; i += 2)
            minutes.Add(LoadFields.Read(ArrivalRules.StartOf((long)reply[i]), (RedisValue[])reply[i + 1]!));
        if ((long)reply[2] is var unseen and > 0)
        {
            if (minutes is [.., var last] && last.Start == current)
                minutes[^1] = last with { Arrivals = last.Arrivals + unseen };
            else
                minutes.Add(new LoadMinute { Start = current, Arrivals = unseen });
        }

        return new LoadHistory
        {
            Now = now,
            ObservedSince = (long)reply[1] is var since and >= 0 ? DateTimeOffset.FromUnixTimeMilliseconds(since) : null,
            Entries = minutes,
        };
    }
}
