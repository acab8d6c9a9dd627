using K8sQueue.Core.Jobs;
using K8sQueue.Api.Validation;
using System.Buffers;
using System.Text;
using K8sQueue.Api.Endpoints;
using K8sQueue.Api.Problems;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class JobSplitterTests
{
    private static readonly PayloadLimit Limit = new(JobLimits.MaxPayloadBytes);

    private static readonly string[] Jobs =
        ["""{"a":"],[\"}{"}""", "1", """[[],{"x":[1,2,{"y":"\\"}]}]""", "\"\\\\\"", "{}", """{"é":"😀, ]"}"""];

    [Fact]
    public void However_the_lines_are_cut_into_pieces_the_jobs_are_the_same() =>
        CheckAllCuts(() => new LineSplitter(Limit), string.Join("\n", Jobs) + "\n\n", Jobs);

    [Fact]
    public void However_the_array_is_cut_into_pieces_the_jobs_are_the_same() =>
        CheckAllCuts(() => new ArraySplitter(Limit), $" [{string.Join(",", Jobs)}] ", Jobs);

    [Fact]
    public void An_array_that_is_not_closed_is_broken()
    {
        var split = () => Split(new ArraySplitter(Limit), "[1,2"u8.ToArray(), [2]);
        split.Should().Throw<ProblemException>().Which.Problem.Type.Should().Be(ProblemTypes.MalformedJson);
    }

    private static void CheckAllCuts(Func<JobSplitter> splitter, string text, IReadOnlyList<string> expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var size = 1; size <= bytes.Length; size++)
            Split(splitter(), bytes, [.. Enumerable.Range(1, bytes.Length / size).Select(i => i * size)]).Should().Equal(expected, $"pieces of {size}");
        var random = new Random(7);
        for (var run = 0; run < 200; run++)
        {
            int[] cuts = [.. Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(bytes.Length)).Order()];
            Split(splitter(), bytes, cuts).Should().Equal(expected, string.Join(',', cuts));
        }
    }

    /// <summary>Feeds the bytes up to each cut, as a pipe does: what was not consumed comes again, in several segments.</summary>
    private static List<string> Split(JobSplitter splitter, byte[] bytes, int[] cuts)
    {
        var jobs = new List<string>();
        var consumed = 0;
        foreach (var (end, final) in cuts.Select(c => (c, false)).Append((bytes.Length, true)))
        {
            var buffer = Segments(bytes, consumed, end, cuts);
            var before = buffer.Length;
            while (splitter.TryCut(ref buffer, final, out var job))
                jobs.Add(Encoding.UTF8.GetString(job!.Value.ToArray()).Trim());
            consumed += (int)(before - buffer.Length);
        }

        return jobs;
    }

    private static ReadOnlySequence<byte> Segments(byte[] bytes, int start, int end, int[] cuts)
    {
        int[] edges = [start, .. cuts.Where(c => c > start && c < end).Distinct(), end];
        var first = new Segment(bytes.AsMemory(edges[0]..edges[1]), null);
        var last = first;
        for (var i = 1; i < edges.Length - 1; i++)
            last = new Segment(bytes.AsMemory(edges[i]..edges[i + 1]), last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is null)
                return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}
