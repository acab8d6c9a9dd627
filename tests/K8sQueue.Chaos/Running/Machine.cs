using System.Globalization;
using System.Runtime.InteropServices;
using K8sQueue.Chaos.Faults;

namespace K8sQueue.Chaos.Running;

/// <summary>What a run ran on.</summary>
internal sealed record Machine(string Redis, string Runtime, int Processors)
{
    public static async Task<Machine> LookAsync()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var inspector = await RedisInspector.ConnectAsync(redis.Address);
        return new Machine(inspector.Version, RuntimeInformation.FrameworkDescription, Environment.ProcessorCount);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Redis {Redis}, {Runtime}, {Processors} processors");
}
