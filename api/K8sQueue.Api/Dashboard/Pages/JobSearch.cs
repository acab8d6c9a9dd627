using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Which jobs are meant, as a form or an address says it. Empty is not given.</summary>
public sealed record JobSearch
{
    public JobState State { get; init; } = JobState.Waiting;

    public string Type { get; init; } = "";

    public string Tag { get; init; } = "";

    /// <summary>Enqueued or ended before this time.</summary>
    public string Before { get; init; } = "";

    /// <summary>The names and values that are given.</summary>
    public IEnumerable<(string Name, string Value)> Given => new (string Name, string Value)[]
    {
        ("state", State.ToString()), ("type", Type), ("tag", Tag), ("before", Before),
    }.Where(given => given.Value.Length > 0);

    /// <summary>As the query of an address, with a <c>&amp;</c> before each name.</summary>
    public string Query => string.Concat(Given.Select(given => $"&{given.Name}={Uri.EscapeDataString(given.Value)}"));

    /// <summary>The list of those jobs of a queue.</summary>
    public string AddressIn(string queue) => $"{Links.Jobs(queue)}?{Query[1..]}";

    internal static JobSearch From(Func<string, string> read) => new()
    {
        State = Enum.TryParse<JobState>(read("state"), ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : JobState.Waiting,
        Type = read("type").Trim(),
        Tag = read("tag").Trim(),
        Before = read("before").Trim(),
    };

    /// <exception cref="Problems.ProblemException">A field is not what it should be.</exception>
    internal JobFilter ToFilter() => new JobQuery { State = JobQuery.NameOf(State), Type = Null(Type), Tag = Null(Tag), Before = Null(Before) }.ToFilter();

    private static string? Null(string text) => text.Length == 0 ? null : text;
}
