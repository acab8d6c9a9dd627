using System.Globalization;
using System.Security.Cryptography;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Discovery;

/// <summary>Reads the client limit of a Redis, and its clients.</summary>
internal static class RedisCapacity
{
    public static async Task<CapacityReading> ReadAsync(
        RedisServerSpec server, BudgetSecrets secrets, ServerGuard guard, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await guard.CheckAsync($"Redis at {server.Address}", server.Address, cancellationToken).ConfigureAwait(false);
        var options = new RedisQueueOptions
        {
            Address = server.Address,
            Database = server.Database,
            Tls = server.Tls,
            Password = await secrets.ReadAsync(server.PasswordSecretRef, null, cancellationToken).ConfigureAwait(false),
            CaPem = await secrets.ReadAsync(server.CaSecretRef, null, cancellationToken).ConfigureAwait(false),
            ClientName = CapacityReader.ClientName,
            OperationTimeout = timeout,
        };
        try
        {
            var report = await RedisServerReader.ReadAsync(options).ConfigureAwait(false);
            if (report.MaxClients is not { } most)
            {
                throw new CapacityReadException(Reasons.AccessDenied,
                    $"Redis at {server.Address} tells its maxclients neither by CONFIG nor by INFO: allow one of both (ACL SETUSER ... +config|get).");
            }

            return new CapacityReading(
                most,
                string.Create(CultureInfo.InvariantCulture, $"maxclients {most}"),
                report.Clients?.GroupBy(client => client)
                    .Select(group => new LiveConnections(group.Key.Name, group.Key.Host, group.Count())).ToList(),
                report.Clients is null ? $"Redis at {server.Address} does not let the user list clients: ACL SETUSER ... +client|list." : null);
        }
        catch (CryptographicException e)
        {
            throw new CapacityReadException(Reasons.SecretNotFound, $"The Secret '{server.CaSecretRef?.Name}' holds no certificate in PEM.", e);
        }
        catch (JobQueueConfigurationException e)
        {
            throw new CapacityReadException(Reasons.AccessDenied, e.Message, e);
        }
        catch (JobQueueUnavailableException e)
        {
            throw new CapacityReadException(Reasons.ServerUnreachable, e.Message, e);
        }
        catch (InvalidOperationException e)
        {
            throw new CapacityReadException(Reasons.ReadFailed, e.Message, e);
        }
    }
}
