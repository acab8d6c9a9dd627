using System.Buffers.Text;
using System.Text;

namespace K8sQueue.Core.Redis.Resp;

/// <summary>Makes something of whole replies in place.</summary>
internal delegate T RespRead<out T>(RespReader replies);

/// <summary>Goes through whole replies in RESP2 without copying them.</summary>
internal ref struct RespReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether an error comes next, and its text.</summary>
    public bool TryReadError(out string error)
    {
        error = "";
        if (_rest[0] != (byte)'-')
            return false;
        error = Encoding.UTF8.GetString(Line());
        return true;
    }

    /// <summary>Whether an array comes next.</summary>
    public readonly bool IsArray => _rest[0] == (byte)'*';

    /// <summary>How many values an array has that comes next; -1 for nil.</summary>
    public int ReadArray() => (int)Number('*');

    public long ReadInteger() => Number(':');

    /// <summary>Reads a bulk string; nil is empty.</summary>
    public ReadOnlySpan<byte> ReadBulk()
    {
        var length = (int)Number('$');
        if (length < 0)
            return [];
        var value = _rest[..length];
        _rest = _rest[(length + 2)..];
        return value;
    }

    /// <summary>Leaves out the next value, whatever it is.</summary>
    public void Skip()
    {
        for (long values = 1; values > 0; values--)
        {
            var kind = _rest[0];
            var line = Line();
            if (kind is not ((byte)'$' or (byte)'*') || !Utf8Parser.TryParse(line, out long length, out _) || length < 0)
                continue;
            if (kind == (byte)'*')
                values += length;
            else
                _rest = _rest[((int)length + 2)..];
        }
    }

    private long Number(char kind)
    {
        if (_rest[0] != kind)
            throw new InvalidDataException($"A reply starts with byte {_rest[0]} where '{kind}' was expected.");
        var line = Line();
        return Utf8Parser.TryParse(line, out long number, out var used) && used == line.Length
            ? number
            : throw new InvalidDataException($"'{Encoding.ASCII.GetString(line)}' is not a number.");
    }

    // What stands behind the first byte, up to the end of the line.
    private ReadOnlySpan<byte> Line()
    {
        var end = _rest.IndexOf((byte)'\r');
        var line = _rest[1..end];
        _rest = _rest[(end + 2)..];
        return line;
    }
}
