using System.Buffers.Text;
using System.Text;

namespace K8sQueue.Core.Redis.Resp;

/// <summary>Reads replies from a buffer that grows until a whole one is in it.</summary>
internal sealed class RespParser
{
    private const int LargestKept = 1024 * 1024;

    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;
    private int _seen;
    private long _missing;

    /// <summary>Whether nothing of a reply is there.</summary>
    public bool IsEmpty => _start == _end;

    /// <summary>Room for the next bytes; <see cref="Added"/> says how many came.</summary>
    public Memory<byte> Space()
    {
        if (_start == _end)
            _start = _end = 0;
        if (_end == _buffer.Length)
        {
            if (_start > 0)
                Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            else
                Array.Resize(ref _buffer, _buffer.Length * 2);
            (_start, _end) = (0, _end - _start);
        }

        return _buffer.AsMemory(_end);
    }

    public void Added(int bytes) => _end += bytes;

    /// <summary>The next reply; false where it is not whole yet.</summary>
    /// <exception cref="InvalidDataException">The bytes are not RESP.</exception>
    public bool TryRead(out RespValue value)
    {
        var at = _start;
        if (!TryRead(ref at, out value))
            return false;
        _start = at;
        return true;
    }

    /// <summary>From here on so many replies are waited for, which <see cref="IsWhole"/> looks for.</summary>
    public void Expect(int replies) => (_seen, _missing) = (0, replies);

    /// <summary>Whether all of them have come; every byte is looked at once, however they are cut.</summary>
    public bool IsWhole()
    {
        for (; _missing > 0; _missing--)
        {
            var rest = _buffer.AsSpan(_start + _seen, _end - _start - _seen);
            var line = rest.IndexOf("\r\n"u8);
            if (line < 1)
                return line < 0 ? false : throw new InvalidDataException("An empty line where a reply was expected.");
            var length = line + 2L;
            if (rest[0] is (byte)'$' or (byte)'*' && Number(rest[1..line]) is var number and > 0)
            {
                _missing += rest[0] == (byte)'*' ? number : 0;
                length += rest[0] == (byte)'$' ? number + 2 : 0;
            }
            else if (rest[0] == (byte)'$' && rest[1] == (byte)'0')
            {
                length += 2;
            }

            if (rest.Length < length)
                return false;
            _seen += (int)length;
        }

        return true;
    }

    /// <summary>Hands the whole replies to <paramref name="read"/>, and is done with them.</summary>
    public T Take<T>(RespRead<T> read)
    {
        try
        {
            return read(new RespReader(_buffer.AsSpan(_start, _seen)));
        }
        finally
        {
            _start += _seen;
            if (_start == _end && _buffer.Length > LargestKept)
                (_buffer, _start, _end) = (new byte[4096], 0, 0);
        }
    }

    private bool TryRead(ref int at, out RespValue value)
    {
        value = default;
        var line = _buffer.AsSpan(at, _end - at).IndexOf("\r\n"u8);
        if (line < 1)
            return line < 0 ? false : throw new InvalidDataException("An empty line where a reply was expected.");
        var kind = _buffer[at];
        var text = _buffer.AsSpan(at + 1, line - 1);
        at += line + 2;
        switch (kind)
        {
            case (byte)'+':
                value = new RespValue { Bytes = text.ToArray() };
                return true;
            case (byte)'-':
                value = new RespValue { Error = Encoding.UTF8.GetString(text) };
                return true;
            case (byte)':':
                value = new RespValue { Integer = Number(text), IsInteger = true };
                return true;
            case (byte)'$':
                return TryReadBulk(ref at, Number(text), ref value);
            case (byte)'*':
                return TryReadArray(ref at, Number(text), ref value);
            default:
                throw new InvalidDataException($"A reply cannot start with byte {kind}.");
        }
    }

    private bool TryReadBulk(ref int at, long length, ref RespValue value)
    {
        if (length < 0)
            return true;
        if (_end - at < length + 2)
            return false;
        value = new RespValue { Bytes = _buffer.AsSpan(at, (int)length).ToArray() };
        at += (int)length + 2;
        return true;
    }

    private bool TryReadArray(ref int at, long length, ref RespValue value)
    {
        if (length < 0)
            return true;
        if (length > int.MaxValue / 64)
            throw new InvalidDataException($"A reply of {length} items is not plausible.");
        var items = new RespValue[length];
        for (var i = 0; i < items.Length; i++)
        {
            if (!TryRead(ref at, out items[i]))
                return false;
        }

        value = new RespValue { Items = items };
        return true;
    }

    private static long Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long number, out var used) && used == text.Length
            ? number
            : throw new InvalidDataException($"'{Encoding.ASCII.GetString(text)}' is not a number.");
}
