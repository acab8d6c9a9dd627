using System.Buffers;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;

namespace K8sQueue.Api.Endpoints;

/// <summary>
/// The elements of a JSON array. It counts brackets and skips strings; whether an element is valid JSON is seen when it is read.
/// </summary>
internal sealed class ArraySplitter(PayloadLimit limit) : JobSplitter(limit)
{
    private State _state = State.BeforeArray;
    private int _depth;
    private bool _inString;
    private bool _escaped;

    protected override bool TryOpen(ref ReadOnlySequence<byte> buffer, bool final)
    {
        if (IsWithinJob)
            return true;
        while (SkipWhiteSpace(ref buffer))
        {
            var first = buffer.FirstSpan[0];
            switch (_state)
            {
                case State.BeforeArray when first == '[':
                    buffer = buffer.Slice(1);
                    _state = State.BeforeFirst;
                    break;
                case State.BeforeFirst when first == ']':
                    buffer = buffer.Slice(1);
                    _state = State.AfterArray;
                    break;
                case State.BeforeFirst or State.BetweenElements:
                    _state = State.BetweenElements;
                    return true;
                default:
                    throw Broken(_state == State.AfterArray ? "Something follows the array." : "The body must be a JSON array of jobs.");
            }
        }

        if (final && _state != State.AfterArray)
            EndOfBody();
        return false;
    }

    protected override void EndOfBody() => throw Broken("The array is not closed.");

    protected override int FindEnd(ReadOnlySpan<byte> piece)
    {
        for (var i = 0; i < piece.Length; i++)
        {
            var b = piece[i];
            if (_inString)
            {
                if (_escaped)
                    _escaped = false;
                else if (b == '\\')
                    _escaped = true;
                else if (b == '"')
                    _inString = false;
                continue;
            }

            switch (b)
            {
                case (byte)'"':
                    _inString = true;
                    break;
                case (byte)'{' or (byte)'[':
                    _depth++;
                    break;
                case (byte)',' when _depth == 0:
                    return i;
                case (byte)']' when _depth == 0:
                    _state = State.AfterArray;
                    return i;
                case (byte)'}' or (byte)']':
                    _depth = Math.Max(0, _depth - 1);
                    break;
            }
        }

        return -1;
    }

    private static ProblemException Broken(string detail) => new(new Problem(ProblemTypes.MalformedJson, detail));

    private enum State
    {
        BeforeArray,
        BeforeFirst,
        BetweenElements,
        AfterArray,
    }
}
