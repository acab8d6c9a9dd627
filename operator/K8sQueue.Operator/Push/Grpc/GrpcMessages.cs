using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace K8sQueue.Operator.Push.Grpc;

/// <summary>
/// Messages on the wire: a byte that says whether it is compressed (here never), four bytes of length, the message.
/// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
/// </summary>
internal static class GrpcMessages
{
    /// <summary>The longest message that is taken in. A request is a name, a namespace, and a trigger's metadata.</summary>
    public const int LongestRequest = 64 * 1024;

    public const int PrefixLength = 5;

    /// <summary>The only message of a request.</summary>
    /// <exception cref="GrpcException">There is none, or it is compressed, too long or not of its type.</exception>
    public static async Task<T> ReadAsync<T>(PipeReader reader, MessageParser<T> parser, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        var length = PrefixLength;
        while (true)
        {
            var read = await reader.ReadAtLeastAsync(length, cancellationToken).ConfigureAwait(false);
            if (read.Buffer.Length < length)
                throw new GrpcException(GrpcStatusCode.InvalidArgument, "The request ends before its message does.");
            var needed = PrefixLength + LengthOf(read.Buffer);
            if (read.Buffer.Length >= needed)
            {
                var message = Parse(read.Buffer.Slice(PrefixLength, needed - PrefixLength), parser);
                reader.AdvanceTo(read.Buffer.GetPosition(needed));
                return message;
            }

            length = needed;
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>A message, prefix and all.</summary>
    public static byte[] Frame(IMessage message)
    {
        var size = message.CalculateSize();
        var frame = new byte[PrefixLength + size];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), size);
        message.WriteTo(frame.AsSpan(PrefixLength));
        return frame;
    }

    private static int LengthOf(ReadOnlySequence<byte> buffer)
    {
        Span<byte> prefix = stackalloc byte[PrefixLength];
        buffer.Slice(0, PrefixLength).CopyTo(prefix);
        if (prefix[0] != 0)
            throw new GrpcException(GrpcStatusCode.Unimplemented, "Compressed messages are not taken.");
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        return length <= LongestRequest
            ? (int)length
            : throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"A message of {length} bytes is over the limit of {LongestRequest}.");
    }

    private static T Parse<T>(ReadOnlySequence<byte> bytes, MessageParser<T> parser)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, "The message can't be read.", e);
        }
    }
}
