using System.Globalization;

namespace K8sQueue.Operator.Discovery.RabbitMq;

/// <summary>
/// Reads who is connected, page by page. Only all of them will do: what is held is freed because a name is not among them (docs/adr/0010).
/// </summary>
internal static class RabbitMqConnections
{
    private const int PageSize = 500;
    private const int MaxPages = 40;
    private const int Attempts = 3;

    /// <summary>All that there are, or why that can't be told.</summary>
    public static async Task<(IReadOnlyList<RabbitMqConnection>? All, string? Hidden)> ReadAsync(
        RabbitMqManagement management, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var (all, hidden) = await ReadPagesAsync(management, cancellationToken).ConfigureAwait(false);
            if (all is not null || hidden is not null)
                return (all, hidden);
        }

        return (null, "changes its connections faster than they can be listed: they are looked at again with the next read.");
    }

    /// <summary>Neither where the pages did not fit together: connections came and went between them.</summary>
    private static async Task<(IReadOnlyList<RabbitMqConnection>? All, string? Hidden)> ReadPagesAsync(
        RabbitMqManagement management, CancellationToken cancellationToken)
    {
        var all = new List<RabbitMqConnection>();
        int? total = null;
        for (var (page, pages) = (1, 1); page <= pages; page++)
        {
            var path = string.Create(
                CultureInfo.InvariantCulture, $"connections?page={page}&page_size={PageSize}&columns=name,user,vhost,peer_host,user_provided_name");
            var got = await management.TryGetAsync(path, OperatorJsonContext.Default.RabbitMqPage, null, cancellationToken).ConfigureAwait(false);
            if (got is null)
                return (null, "does not show all connections to the user: give it the tag monitoring.");
            if (got.PageCount > MaxPages)
            {
                return (null, string.Create(
                    CultureInfo.InvariantCulture, $"has {got.TotalCount} connections, more than the {MaxPages * PageSize} that are looked through."));
            }

            if ((total ??= got.TotalCount) != got.TotalCount)
                return (null, null);
            all.AddRange(got.Items ?? []);
            pages = got.PageCount;
        }

        return all.DistinctBy(connection => connection.Name).Count() == total ? (all, null) : (null, null);
    }
}
