using System.Text;

namespace K8sQueue.Core.Redis.Resp;

/// <summary>A reply in RESP2. https://redis.io/docs/latest/develop/reference/protocol-spec/</summary>
internal readonly record struct RespValue
{
    public byte[]? Bytes { get; init; }

    public RespValue[]? Items { get; init; }

    public long Integer { get; init; }

    /// <summary>The server's error, code first, in place of a value.</summary>
    public string? Error { get; init; }

    /// <summary>A nil bulk string or array.</summary>
    public bool IsNull => Bytes is null && Items is null && Error is null && !IsInteger;

    public bool IsInteger { get; init; }

    public string Text => Bytes is null ? string.Empty : Encoding.UTF8.GetString(Bytes);
}
