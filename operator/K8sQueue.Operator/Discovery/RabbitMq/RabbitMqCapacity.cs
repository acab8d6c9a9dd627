using System.Globalization;
using System.Security.Cryptography;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Discovery.RabbitMq;

/// <summary>
/// Reads the connection limits of a RabbitMQ from its management API: the virtual host's, those of the workers' user, and the sockets of the smallest node that
/// runs, since all connections may end up there. https://www.rabbitmq.com/docs/vhosts#limits
/// </summary>
internal static class RabbitMqCapacity
{
    private const string MaxConnections = "max-connections";

    public static async Task<CapacityReading> ReadAsync(
        RabbitMqServerSpec server, BudgetSecrets secrets, ServerGuard guard, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var user = await secrets.ReadAsync(server.UsernameSecretRef, cancellationToken).ConfigureAwait(false);
        var password = await secrets.ReadAsync(server.PasswordSecretRef, cancellationToken).ConfigureAwait(false);
        var authority = await secrets.ReadAsync(server.CaSecretRef, null, cancellationToken).ConfigureAwait(false);
        try
        {
            using var management = new RabbitMqManagement(server.ManagementUrl, user, password, authority, guard, timeout);
            var (limits, isMonitor) = await LimitsAsync(management, server, cancellationToken).ConfigureAwait(false);
            var least = limits.MinBy(limit => limit.Value)
                ?? throw new CapacityReadException(Reasons.ReadFailed,
                    $"RabbitMQ at {server.ManagementUrl} shows no limit of connections to this user: set one (rabbitmqctl set_vhost_limits -p "
                    + $"{server.Vhost} '{{\"max-connections\": N}}'), or capacity.");
            // What it shows to a user without the tag is that user's own.
            var (all, hidden) = isMonitor
                ? await RabbitMqConnections.ReadAsync(management, cancellationToken).ConfigureAwait(false)
                : (null, "does not show all connections to the user: give it the tag monitoring.");
            return new CapacityReading(
                least.Value, least.Detail, all is null ? null : LiveOf(all.Where(connection => Counts(connection, least.Scope, server))),
                hidden is null ? null : $"RabbitMQ at {server.ManagementUrl} {hidden}")
            {
                Told = isMonitor ? ["the sockets of its nodes"] : [],
            };
        }
        catch (CryptographicException e)
        {
            throw new CapacityReadException(Reasons.SecretNotFound, $"The Secret '{server.CaSecretRef?.Name}' holds no certificate in PEM.", e);
        }
    }

    /// <summary>The limits, and whether the user sees more than its own things.</summary>
    private static async Task<(List<Limit> Limits, bool IsMonitor)> LimitsAsync(
        RabbitMqManagement management, RabbitMqServerSpec server, CancellationToken cancellationToken)
    {
        var limits = new List<Limit>();
        // A limit that is hidden is none the less there.
        var hosts = await management.TryGetAsync(
                $"vhost-limits/{Uri.EscapeDataString(server.Vhost)}", OperatorJsonContext.Default.ListRabbitMqLimits,
                $"has no virtual host '{server.Vhost}': mend rabbitmq.vhost, or make it.", cancellationToken).ConfigureAwait(false)
            ?? throw new CapacityReadException(Reasons.AccessDenied,
                $"RabbitMQ at {server.ManagementUrl} does not show the limits of the virtual host '{server.Vhost}' to the user: give it the tag monitoring, or permissions there.");
        foreach (var value in Values(hosts))
            limits.Add(new(value, Scope.Vhost, Text($"max-connections {value} of the virtual host")));
        if (server.User is { } user)
        {
            var users = await management.TryGetAsync(
                    $"user-limits/{Uri.EscapeDataString(user)}", OperatorJsonContext.Default.ListRabbitMqLimits,
                    $"has no user '{user}': mend rabbitmq.user, or make it.", cancellationToken).ConfigureAwait(false)
                ?? throw new CapacityReadException(Reasons.AccessDenied,
                    $"RabbitMQ at {server.ManagementUrl} shows the limits of the user '{user}' to administrators only: give the tag administrator, or leave rabbitmq.user out.");
            foreach (var value in Values(users))
                limits.Add(new(value, Scope.User, Text($"max-connections {value} of the user {user}")));
        }

        var nodes = await management.TryGetAsync("nodes", OperatorJsonContext.Default.ListRabbitMqNode, null, cancellationToken).ConfigureAwait(false);
        foreach (var sockets in (nodes ?? []).Where(node => node is { Running: true, SocketsTotal: > 0 }).Select(node => node.SocketsTotal!.Value))
            limits.Add(new(Bounded(sockets), Scope.Server, Text($"{sockets} sockets of the smallest node")));
        return (limits, nodes is not null);
    }

    private static bool Counts(RabbitMqConnection connection, Scope scope, RabbitMqServerSpec server) => scope switch
    {
        Scope.Vhost => connection.Vhost == server.Vhost,
        Scope.User => connection.User == server.User,
        _ => true,
    };

    private static IEnumerable<int> Values(List<RabbitMqLimits>? limits) =>
        (limits ?? []).Select(limit => limit.Value?.GetValueOrDefault(MaxConnections, -1) ?? -1).Where(value => value >= 0).Select(Bounded);

    private static List<LiveConnections> LiveOf(IEnumerable<RabbitMqConnection> connections) =>
        [.. connections.GroupBy(connection => (Name: connection.UserProvidedName ?? "", Host: connection.PeerHost ?? ""))
            .OrderBy(group => group.Key).Select(group => new LiveConnections(group.Key.Name, group.Key.Host, group.Count()))];

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
