using System.Globalization;
using System.Security.Cryptography;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Discovery.RabbitMq;

/// <summary>
/// Reads the connection limits of a RabbitMQ from its management API: the virtual host's, the user's, and the sockets of the smallest node that
/// runs, since all connections may end up there. https://www.rabbitmq.com/docs/vhosts#limits
/// </summary>
internal static class RabbitMqCapacity
{
    private const int MaxPages = 40;
    private const string MaxConnections = "max-connections";

    public static async Task<CapacityReading> ReadAsync(RabbitMqServerSpec server, BudgetSecrets secrets, CancellationToken cancellationToken)
    {
        var user = await secrets.ReadAsync(server.UsernameSecretRef, cancellationToken).ConfigureAwait(false);
        var password = await secrets.ReadAsync(server.PasswordSecretRef, cancellationToken).ConfigureAwait(false);
        var authority = await secrets.ReadAsync(server.CaSecretRef, null, cancellationToken).ConfigureAwait(false);
        try
        {
            using var management = new RabbitMqManagement(server.ManagementUrl, user, password, authority);
            var least = (await LimitsAsync(management, server, user, cancellationToken).ConfigureAwait(false)).MinBy(limit => limit.Value)
                ?? throw new CapacityReadException(Reasons.ReadFailed,
                    $"RabbitMQ at {server.ManagementUrl} shows no limit of connections to this user: set one (rabbitmqctl set_vhost_limits -p "
                    + $"{server.Vhost} '{{\"max-connections\": N}}'), or capacity.");
            var live = await ConnectionsAsync(management, connection => least.Scope switch
            {
                Scope.Vhost => connection.Vhost == server.Vhost,
                Scope.User => connection.User == user,
                _ => true,
            }, cancellationToken).ConfigureAwait(false);
            return new CapacityReading(
                least.Value, least.Detail, live,
                live is null ? $"The user of RabbitMQ at {server.ManagementUrl} does not see all connections: give it the tag monitoring." : null);
        }
        catch (CryptographicException e)
        {
            throw new CapacityReadException(Reasons.SecretNotFound, $"The Secret '{server.CaSecretRef?.Name}' holds no certificate in PEM.", e);
        }
    }

    private static async Task<List<Limit>> LimitsAsync(
        RabbitMqManagement management, RabbitMqServerSpec server, string user, CancellationToken cancellationToken)
    {
        var limits = new List<Limit>();
        var hosts = await management.TryGetAsync(
            $"vhost-limits/{Uri.EscapeDataString(server.Vhost)}", OperatorJsonContext.Default.ListRabbitMqLimits, cancellationToken).ConfigureAwait(false);
        foreach (var value in Values(hosts))
            limits.Add(new(value, Scope.Vhost, Text($"max-connections {value} of the virtual host")));
        var users = await management.TryGetAsync(
            $"user-limits/{Uri.EscapeDataString(user)}", OperatorJsonContext.Default.ListRabbitMqLimits, cancellationToken).ConfigureAwait(false);
        foreach (var value in Values(users))
            limits.Add(new(value, Scope.User, Text($"max-connections {value} of the user")));
        var nodes = await management.TryGetAsync("nodes", OperatorJsonContext.Default.ListRabbitMqNode, cancellationToken).ConfigureAwait(false);
        foreach (var sockets in (nodes ?? []).Where(node => node is { Running: true, SocketsTotal: > 0 }).Select(node => node.SocketsTotal!.Value))
            limits.Add(new(Bounded(sockets), Scope.Server, Text($"{sockets} sockets of the smallest node")));
        return limits;
    }

    private static IEnumerable<int> Values(List<RabbitMqLimits>? limits) =>
        (limits ?? []).Select(limit => limit.Value?.GetValueOrDefault(MaxConnections, -1) ?? -1).Where(value => value >= 0).Select(Bounded);

    private static async Task<List<LiveConnections>?> ConnectionsAsync(
        RabbitMqManagement management, Func<RabbitMqConnection, bool> counts, CancellationToken cancellationToken)
    {
        // What it shows to a user without the tag is that user's own.
        if (await management.TryGetAsync("nodes", OperatorJsonContext.Default.ListRabbitMqNode, cancellationToken).ConfigureAwait(false) is null)
            return null;
        var all = new List<RabbitMqConnection>();
        for (var (page, pages) = (1, 1); page <= Math.Min(pages, MaxPages); page++)
        {
            var path = Text($"connections?page={page}&page_size=500&columns=user,vhost,peer_host,user_provided_name");
            var got = await management.TryGetAsync(path, OperatorJsonContext.Default.RabbitMqPage, cancellationToken).ConfigureAwait(false);
            if (got is null)
                return null;
            all.AddRange(got.Items ?? []);
            pages = got.PageCount;
        }

        return [.. all.Where(counts).GroupBy(connection => (Name: connection.UserProvidedName ?? "", Host: connection.PeerHost ?? ""))
            .OrderBy(group => group.Key).Select(group => new LiveConnections(group.Key.Name, group.Key.Host, group.Count()))];
    }

    private static int Bounded(long value) => (int)Math.Min(value, Budgets.BudgetCapacity.Most);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private enum Scope
    {
        Server,
        Vhost,
        User,
    }

    private sealed record Limit(int Value, Scope Scope, string Detail);
}
