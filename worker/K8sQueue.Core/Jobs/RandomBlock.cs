using System.Security.Cryptography;

namespace K8sQueue.Core.Jobs;

/// <summary>Random bytes of the system, drawn a block at a time: one draw costs as much as an enqueue otherwise does.</summary>
internal static class RandomBlock
{
    private const int Size = 4096;

    [ThreadStatic]
    private static byte[]? _block;

    [ThreadStatic]
    private static int _used;

    public static void Fill(Span<byte> bytes)
    {
        if (_block is null || _used + bytes.Length > Size)
        {
            _block ??= new byte[Size];
            RandomNumberGenerator.Fill(_block);
            _used = 0;
        }

        _block.AsSpan(_used, bytes.Length).CopyTo(bytes);
        _used += bytes.Length;
    }
}
