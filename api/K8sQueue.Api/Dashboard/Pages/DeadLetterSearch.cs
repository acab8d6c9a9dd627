using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Which dead letters are meant, as a form or an address says it. Empty is not given.</summary>
public sealed record DeadLetterSearch
{
    public string Type { get; init; } = "";

    public string Reason { get; init; } = "";

    public string Tag { get; init; } = "";

    public string Error { get; init; } = "";

    public string After { get; init; } = "";

    public string Before { get; init; } = "";

    public bool IsEmpty => this == new DeadLetterSearch();

    /// <summary>The names and values that are given.</summary>
    public IEnumerable<(string Name, string Value)> Given => new (string Name, string Value)[]
    {
        ("type", Type), ("reason", Reason), ("tag", Tag), ("error", Error), ("after", After), ("before", Before),
    }.Where(given => given.Value.Length > 0);

    /// <summary>As the query of an address, with a <c>&amp;</c> before each name.</summary>
    public string Query => string.Concat(Given.Select(given => $"&{given.Name}={Uri.EscapeDataString(given.Value)}"));

    internal static DeadLetterSearch From(Func<string, string> read) => new()
    {
        Type = read("type").Trim(),
        Reason = read("reason").Trim(),
        Tag = read("tag").Trim(),
        Error = read("error").Trim(),
        After = read("after").Trim(),
        Before = read("before").Trim(),
    };

    /// <exception cref="Problems.ProblemException">A field is not what it should be.</exception>
    internal DeadLetterFilter ToFilter() => new DeadLetterQuery
    {
        Type = Null(Type),
        Reason = Null(Reason),
        Tag = Null(Tag),
        Error = Null(Error),
        After = Null(After),
        Before = Null(Before),
    }.ToFilter();

    private static string? Null(string text) => text.Length == 0 ? null : text;
}

/// <summary>Looks through dead letters, newest first, at so many at most: there may be millions.</summary>
internal static class DeadLetterLook
{
    private const int PageSize = ApiLimits.MaxDeadLetterPageSize;

    /// <summary>The most that one look goes through.</summary>
    public const int MaxLooked = 1000;

    /// <param name="jobs">The broker.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="filter">Which are wanted.</param>
    /// <param name="offset">How many to leave out.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>A page of what was found, and where to go on; null where there are no more.</returns>
    public static async Task<(IReadOnlyList<DeadLetterRow> Found, int? Next)> FindAsync(
        IJobQueue jobs, string queue, DeadLetterFilter filter, int offset, CancellationToken cancellationToken)
    {
        var found = new List<DeadLetterRow>();
        for (var looked = offset; ;)
        {
            var page = await jobs.ListDeadLettersAsync(queue, looked, PageSize, cancellationToken);
            foreach (var letter in page)
            {
                if (found.Count == PageSize)
                    return (found, looked);
                looked++;
                if (filter.Takes(letter))
                    found.Add(DeadLetterRow.From(letter));
            }

            if (page.Count < PageSize)
                return (found, null);
            if (looked - offset >= MaxLooked)
                return (found, looked);
        }
    }
}
