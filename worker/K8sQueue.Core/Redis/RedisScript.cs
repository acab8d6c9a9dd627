using System.Security.Cryptography;
using System.Text;

namespace K8sQueue.Core.Redis;

/// <summary>A Lua script of this assembly, with what the scripts of a queue share put behind its first line.</summary>
internal sealed class RedisScript
{
    public static readonly RedisScript Enqueue = Load("enqueue");
    public static readonly RedisScript Add = Load("add", "prelude-base");
    public static readonly RedisScript Bulk = Load("bulk", "prelude-base");
    public static readonly RedisScript BulkWord = new("bulk-word", Read("bulk-word"));
    public static readonly RedisScript Join = Load("join");
    public static readonly RedisScript Leave = Load("leave");
    public static readonly RedisScript Fetch = Load("fetch");
    public static readonly RedisScript Direct = new("direct", Read("direct"));
    public static readonly RedisScript Look = new("look", Read("look"));
    public static readonly RedisScript Started = Load("started", "prelude-base", "prelude");
    public static readonly RedisScript Beat = Load("beat", "prelude-base", "prelude");
    public static readonly RedisScript Complete = Load("complete", "prelude-base", "prelude");
    public static readonly RedisScript Finish = Load("finish");
    public static readonly RedisScript Retry = Load("retry");
    public static readonly RedisScript Release = Load("release");
    public static readonly RedisScript Bury = Load("bury");
    public static readonly RedisScript Redrive = Load("redrive");
    public static readonly RedisScript DeleteDead = Load("delete-dead");
    public static readonly RedisScript Rerun = Load("rerun");
    public static readonly RedisScript DeleteJob = Load("delete-job");
    public static readonly RedisScript Cancel = Load("cancel");
    public static readonly RedisScript Drain = Load("drain");
    public static readonly RedisScript Stop = Load("stop");
    public static readonly RedisScript Progress = Load("progress");
    public static readonly RedisScript Events = Load("events");
    public static readonly RedisScript Pause = Load("pause");
    public static readonly RedisScript Limits = Load("limits");
    public static readonly RedisScript DeleteQueue = Load("delete-queue", "prelude-base", "prelude");
    public static readonly RedisScript Maintain = Load("maintain");
    public static readonly RedisScript Due = new("due", Read("due"));
    public static readonly RedisScript Statistics = Load("statistics");
    public static readonly RedisScript Consumers = Load("consumers", "prelude-base", "prelude");
    public static readonly RedisScript Dead = Load("dead");
    public static readonly RedisScript Jobs = Load("jobs");
    public static readonly RedisScript Backlog = Load("backlog");
    public static readonly RedisScript Report = new("report", Read("report"));
    public static readonly RedisScript Capacity = new("capacity", Read("capacity"));
    public static readonly RedisScript Schedules = Load("schedules");
    public static readonly RedisScript PutSchedule = Load("put-schedule");
    public static readonly RedisScript FireSchedule = Load("fire-schedule");
    public static readonly RedisScript DeleteSchedule = Load("delete-schedule");
    public static readonly RedisScript PutBatch = Load("put-batch");
    public static readonly RedisScript SealBatches = Load("seal-batches");
    public static readonly RedisScript Batch = Load("batch");
    public static readonly RedisScript TellBatches = Load("tell-batches");
    public static readonly RedisScript Told = Load("told");
    public static readonly RedisScript Audit = new("audit", Read("audit"));

    private RedisScript(string name, string text)
    {
        Name = name;
        Text = text;
#pragma warning disable CA5350 // SHA-1 is how Redis names scripts.
        Sha = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    public static IReadOnlyList<RedisScript> All { get; } =
    [
        Enqueue, Add, Bulk, BulkWord, Join, Leave, Fetch, Direct, Look, Started, Beat, Complete, Finish, Retry, Release, Bury, Redrive, DeleteDead, Rerun, DeleteJob, Cancel, Drain, Stop,
        Progress, Pause, Limits, DeleteQueue, Maintain, Due, Statistics, Consumers, Dead, Jobs, Backlog, Events, Report, Capacity, Schedules, PutSchedule,
        FireSchedule, DeleteSchedule, PutBatch, SealBatches, Batch, TellBatches, Told,
        Audit,
    ];

    public string Name { get; }

    public string Text { get; }

    /// <summary>The name that EVALSHA takes.</summary>
    public string Sha { get; }

    /// <summary>A script of another assembly.</summary>
    public static RedisScript Of(string name, string text) => new(name, text);

    private static RedisScript Load(string name) => Load(name, "prelude-base", "prelude", "prelude-batches");

    // Those that are called most are spared what they don't need: each function is made anew in each call.
    private static RedisScript Load(string name, params ReadOnlySpan<string> preludes)
    {
        var script = Read(name);
        var line = script.IndexOf('\n', StringComparison.Ordinal) + 1;
        var shared = new StringBuilder();
        foreach (var prelude in preludes)
            shared.Append(Read(prelude));
        return new RedisScript(name, string.Concat(script.AsSpan(0, line), shared.ToString(), script.AsSpan(line)));
    }

    private static string Read(string name)
    {
        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream($"K8sQueue.Core.Redis.Scripts.{name}.lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not embedded.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
