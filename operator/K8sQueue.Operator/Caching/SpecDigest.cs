using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using K8sQueue.Operator.Revisions;

namespace K8sQueue.Operator.Caching;

/// <summary>A digest of a spec: equal for specs that are equal as JSON, however they are ordered.</summary>
internal static class SpecDigest
{
    /// <summary>The first half of the SHA-256 of the canonical JSON.</summary>
    public static UInt128 Of(JsonNode spec)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(CanonicalJson.Write(spec), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
