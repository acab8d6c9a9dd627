using System.Buffers;

namespace K8sQueue.Worker.Handlers.Exec;

/// <summary>The first bytes of a stream.</summary>
internal sealed class OutputHead(int max)
{
    private readonly ArrayBufferWriter<byte> _content = new();

    public ReadOnlyMemory<byte> Content => _content.WrittenMemory;

    public void Append(ReadOnlySpan<byte> bytes) => _content.Write(bytes[..Math.Min(bytes.Length, max - _content.WrittenCount)]);
}

/// <summary>The last bytes of a stream.</summary>
internal sealed class OutputTail(int max)
{
    private readonly byte[] _ring = new byte[max];
    private long _written;

    public byte[] Content
    {
        get
        {
            if (_written <= max)
                return _ring[..(int)_written];
            var start = (int)(_written % max);
            return [.. _ring[start..], .. _ring[..start]];
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
            _ring[(int)(_written++ % max)] = value;
    }
}
