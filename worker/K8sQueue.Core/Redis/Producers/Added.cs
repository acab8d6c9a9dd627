using System.Text;
using K8sQueue.Core.Redis.Resp;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Producers;

/// <summary>What the server did with jobs that it was given.</summary>
/// <param name="IsFresh">Whether the queue is new to it.</param>
/// <param name="Duplicates">The positions of jobs that were left out, with the ids, without their queue, of the jobs that have their keys.</param>
internal sealed record Added(bool IsFresh, IReadOnlyList<(int Position, string Ulid)> Duplicates)
{
    private static readonly Added Known = new(IsFresh: false, []);
    private static readonly Added Fresh = new(IsFresh: true, []);

    /// <summary>Reads a script's answer as the driver gives it: a number, or enqueue.lua's array.</summary>
    public static Added Read(RedisResult reply)
    {
        // A number comes as an array of one.
        var parts = (RedisValue[])reply!;
        var duplicates = new List<(int, string)>();
        for (var i = 1; i < parts.Length; i += 2)
            duplicates.Add(((int)parts[i], parts[i + 1]!));
        return Of((int)parts[0] == 1, duplicates);
    }

    /// <summary>Reads it as a socket of ours gives it.</summary>
    public static Added Read(ref RespReader reply)
    {
        if (!reply.IsArray)
            return Of(reply.ReadInteger() == 1);
        var parts = reply.ReadArray();
        var fresh = reply.ReadInteger() == 1;
        var duplicates = new List<(int, string)>();
        for (var i = 1; i < parts; i += 2)
        {
            var position = (int)reply.ReadInteger();
            duplicates.Add((position, Encoding.ASCII.GetString(reply.ReadBulk())));
        }

        return Of(fresh, duplicates);
    }

    /// <summary>All were added.</summary>
    public static Added Of(bool fresh) => Of(fresh, duplicates: null);

    private static Added Of(bool fresh, List<(int, string)>? duplicates) =>
        duplicates is { Count: > 0 } ? new Added(fresh, duplicates) : fresh ? Fresh : Known;
}
