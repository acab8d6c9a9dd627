using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using K8sQueue.LocalCluster.Http;

namespace K8sQueue.LocalCluster.Access;

/// <summary>Bearer tokens and whose they are: the administrator's from the start, ServiceAccounts' as they are asked for. None expires.</summary>
internal sealed class ClusterTokens
{
    private readonly ConcurrentDictionary<string, ClusterUser> _users = new(StringComparer.Ordinal);

    public ClusterTokens(ApiServerOptions options) => _users[Hash(options.Token)] = ClusterUser.Admin;

    public string Issue(ClusterUser user)
    {
        var token = RandomNumberGenerator.GetHexString(48, lowercase: true);
        _users[Hash(token)] = user;
        return token;
    }

    /// <summary>Null for a token that nobody was given.</summary>
    public ClusterUser? Find(string token) => _users.GetValueOrDefault(Hash(token));

    /// <summary>Looked up by hash: how long that takes says nothing about the token.</summary>
    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
