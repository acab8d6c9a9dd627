using System.Text;

namespace K8sQueue.Benchmarks.Queues;

/// <summary>The payload of every job of every contender: 200 bytes of JSON.</summary>
internal static class BenchmarkPayload
{
    public const int Length = 200;

    public static readonly string Text = string.Concat("{\"text\":\"", new string('x', Length - 11), "\"}");

    public static readonly byte[] Utf8 = Encoding.UTF8.GetBytes(Text);
}
