using K8sQueue.Core.Redis;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>
/// Commands after which time has passed for maintain.lua, though nobody waited: the server's clock can't be moved, but what the script compares with
/// it can.
/// </summary>
internal static class Backdating
{
    private const string AgeEntries = """
        for _, lane in ipairs(KEYS) do
          for _, entry in ipairs(redis.call('XPENDING', lane, 'workers', '-', '+', '1000', ARGV[1])) do
            redis.call('XCLAIM', lane, 'workers', ARGV[1], '0', entry[1], 'IDLE', ARGV[2], 'JUSTID')
          end
        end
        """;

    private const string FindOldest = """
        local longest = 0
        for _, lane in ipairs(KEYS) do
          for _, entry in ipairs(redis.call('XPENDING', lane, 'workers', '-', '+', '1000', ARGV[1])) do
            longest = math.max(longest, entry[3])
          end
        end
        return longest
        """;

    // More than half an interval of who is patient ago, and less than three: the next turn is one, and finds no gap.
    private const string AgeTurns = """
        local stamp = redis.call('TIME')[1] * 1000 - 20000
        redis.call('HSET', KEYS[1], 'stamp', string.format('%.0f', stamp), 'since', '1', 'scanned', '1', 'swept', '1')
        """;

    /// <summary>Nobody has renewed what the consumer owns for so long.</summary>
    public static object[] Leases(RedisKeys keys, string consumer, TimeSpan silence) =>
        ["EVAL", AgeEntries, $"{keys.Lanes.Count}", .. keys.Lanes, consumer, $"{(long)silence.TotalMilliseconds}"];

    /// <summary>For how many milliseconds nobody has renewed some of what the consumer owns.</summary>
    public static object[] LongestSilence(RedisKeys keys, string consumer) =>
        ["EVAL", FindOldest, $"{keys.Lanes.Count}", .. keys.Lanes, consumer];

    /// <summary>Housekeeping of who is <see cref="RedisFixture.Patient"/> has gone on for ever; which server it was on stays as it was noted.</summary>
    public static object[] Housekeeping(RedisKeys keys) => ["EVAL", AgeTurns, "1", keys.Reaper];
}
