using System.Globalization;
using K8sQueue.Core.Audit;
using K8sQueue.Core.Jobs;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Audit;

/// <summary>What was done, in a stream of its own that is of no queue.</summary>
internal sealed class RedisAuditLog(RedisServices services) : IAuditLog
{
    public async ValueTask AddAsync(AuditAct act, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(act);
        cancellationToken.ThrowIfCancellationRequested();
        RedisValue[] arguments = [IAuditLog.MaxEntries, .. AuditFields.Write(act).Select(text => (RedisValue)text)];
        await services.Connection.EvaluateAsync(RedisScript.Audit, [RedisKeys.Audit], arguments).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<AuditEntry>> ListAsync(JobEventId? before, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);

        // The server refuses what is before all ids.
        if (before == JobEventId.Start)
            return [];
        var entries = (RedisResult[])(await services.Connection.ExecuteAsync(
            "XREVRANGE", (RedisKey)RedisKeys.Audit, before is { } end ? $"({end}" : "+", "-", "COUNT", count)
            .WaitAsync(cancellationToken).ConfigureAwait(false))!;
        return [.. entries.Select(entry => Read((RedisResult[])entry!)).OfType<AuditEntry>()];
    }

    public async ValueTask NoteUsesAsync(IReadOnlyDictionary<string, DateTimeOffset> uses, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(uses);
        object[] arguments = [(RedisKey)RedisKeys.KeyUses, .. uses.SelectMany(use => new object[] { use.Key, use.Value.ToUnixTimeMilliseconds() })];
        await services.Connection.ExecuteAsync("HSET", arguments).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyDictionary<string, DateTimeOffset>> ReadUsesAsync(CancellationToken cancellationToken)
    {
        var pairs = (RedisValue[])(await services.Connection.ExecuteAsync("HGETALL", (RedisKey)RedisKeys.KeyUses).WaitAsync(cancellationToken).ConfigureAwait(false))!;
        var uses = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < pairs.Length; i += 2)
        {
            if (RedisReader.Time(pairs[i + 1]) is { } at)
                uses[pairs[i]!] = at;
        }

        return uses;
    }

    private static AuditEntry? Read(RedisResult[] entry)
    {
        var pairs = (RedisValue[])entry[1]!;
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < pairs.Length; i += 2)
            fields[pairs[i]!] = pairs[i + 1]!;
        return JobEventId.TryParse((string?)entry[0], out var id) && AuditFields.Read(fields) is { } act ? new AuditEntry(id, act) : null;
    }
}

/// <summary>An act as the fields of a stream's entry. What it does not have is left out.</summary>
internal static class AuditFields
{
    private const string Key = "k";
    private const string Verb = "v";
    private const string Method = "m";
    private const string Route = "p";
    private const string Queue = "q";
    private const string Subject = "j";
    private const string Filter = "f";
    private const string Changed = "n";
    private const string Address = "a";
    private const string Reason = "r";
    private const string Status = "s";
    private const string Trace = "t";

    public static IEnumerable<string> Write(AuditAct act)
    {
        (string Name, string? Value)[] fields =
        [
            (Key, act.Key), (Verb, act.Verb), (Method, act.Method), (Route, act.Route), (Queue, act.Queue), (Subject, act.Subject),
            (Filter, act.Filter), (Changed, act.Changed?.ToString(CultureInfo.InvariantCulture)), (Address, act.Address), (Reason, act.Reason),
            (Status, act.Status.ToString(CultureInfo.InvariantCulture)), (Trace, act.TraceId),
        ];
        return fields.Where(field => field.Value is not null).SelectMany(field => new[] { field.Name, field.Value! });
    }

    /// <summary>The act; null where a field that each has is missing: another program's entry.</summary>
    public static AuditAct? Read(IReadOnlyDictionary<string, string> fields) =>
        fields.TryGetValue(Key, out var key) && fields.TryGetValue(Verb, out var verb) && fields.TryGetValue(Method, out var method)
        && fields.TryGetValue(Route, out var route)
        && int.TryParse(fields.GetValueOrDefault(Status), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? new AuditAct
            {
                Key = key,
                Verb = verb,
                Method = method,
                Route = route,
                Queue = fields.GetValueOrDefault(Queue),
                Subject = fields.GetValueOrDefault(Subject),
                Filter = fields.GetValueOrDefault(Filter),
                Changed = int.TryParse(fields.GetValueOrDefault(Changed), NumberStyles.None, CultureInfo.InvariantCulture, out var changed) ? changed : null,
                Address = fields.GetValueOrDefault(Address),
                Reason = fields.GetValueOrDefault(Reason),
                Status = status,
                TraceId = fields.GetValueOrDefault(Trace),
            }
            : null;
}
