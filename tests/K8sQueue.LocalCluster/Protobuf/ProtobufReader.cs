using System.Buffers.Binary;

namespace K8sQueue.LocalCluster.Protobuf;

/// <summary>Fields of a protobuf message, one after the other.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    /// <summary>The number of the field that <see cref="TryRead"/> came to.</summary>
    public int Field { get; private set; }

    /// <summary>The value of a varint or a fixed field.</summary>
    public long Number { get; private set; }

    /// <summary>The bytes of a delimited field.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public bool IsDelimited { get; private set; }

    /// <exception cref="FormatException">The bytes are no message.</exception>
    public bool TryRead()
    {
        if (_position >= _data.Length)
            return false;
        var tag = Varint();
        Field = (int)(tag >> 3);
        IsDelimited = false;
        switch (tag & 7)
        {
            case 0:
                Number = (long)Varint();
                return true;
            case 1:
                Number = BinaryPrimitives.ReadInt64LittleEndian(Take(8));
                return true;
            case 2:
                Bytes = Take(checked((int)Varint()));
                IsDelimited = true;
                return true;
            case 5:
                Number = BinaryPrimitives.ReadInt32LittleEndian(Take(4));
                return true;
            default:
                throw new FormatException($"an unknown wire type of protobuf: {tag & 7}");
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if ((next & 0x80) == 0)
                return value;
        }

        throw new FormatException("a number of protobuf is too long");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _data.Length - _position)
            throw new FormatException("a protobuf message is cut off");
        var taken = _data.Slice(_position, count);
        _position += count;
        return taken;
    }
}
