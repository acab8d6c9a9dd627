using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace K8sQueue.Core.Redis.Resp;

/// <summary>Commands on their way to the server, in one pooled piece of memory.</summary>
internal sealed class RespBuffer(int capacity) : IDisposable
{
    private const int LongestNumber = 20;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);
    private int _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>Begins a command of so many parts.</summary>
    public void Command(int parts) => Line((byte)'*', parts);

    /// <summary>A whole command.</summary>
    public void Command(params ReadOnlySpan<string> parts)
    {
        Command(parts.Length);
        foreach (var part in parts)
            Part(Encoding.UTF8.GetBytes(part));
    }

    /// <summary>A part of a command.</summary>
    public void Part(ReadOnlySpan<byte> value)
    {
        Line((byte)'$', value.Length);
        Raw(value);
        Raw("\r\n"u8);
    }

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Space(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>ASCII as it is.</summary>
    public void Raw(ReadOnlySpan<char> ascii)
    {
        _ = Ascii.FromUtf16(ascii, Space(ascii.Length), out _);
        _length += ascii.Length;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = 0;
    }

    private void Line(byte kind, int number)
    {
        var space = Space(LongestNumber);
        space[0] = kind;
        _ = Utf8Formatter.TryFormat(number, space[1..], out var written);
        space[written + 1] = (byte)'\r';
        space[written + 2] = (byte)'\n';
        _length += written + 3;
    }

    private Span<byte> Space(int bytes)
    {
        if (_bytes.Length - _length < bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + bytes));
            Written.Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(_length);
    }
}
