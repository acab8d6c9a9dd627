using System.Text.Json;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Validation;

/// <summary>Which jobs a request means, by its query.</summary>
internal sealed class JobQuery
{
    private static readonly Dictionary<string, JobState> States = Enum.GetValues<JobState>()
        .ToDictionary(NameOf, StringComparer.Ordinal);

    /// <summary>Where they stand; required.</summary>
    public string? State { get; init; }

    /// <summary>The job's type.</summary>
    public string? Type { get; init; }

    /// <summary>One of its tags.</summary>
    public string? Tag { get; init; }

    /// <summary>RFC 3339: enqueued earlier or, in a state that jobs end in, ended earlier.</summary>
    public string? Before { get; init; }

    /// <summary>A state as it is written in an address.</summary>
    public static string NameOf(JobState state) => JsonNamingPolicy.CamelCase.ConvertName(state.ToString());

    /// <exception cref="ProblemException">A parameter is not what it should be.</exception>
    public JobFilter ToFilter()
    {
        if (State is null || !States.TryGetValue(State, out var state))
            throw Invalid("state", $"'state' is required: {string.Join(", ", States.Keys)}.");
        if (Type is { Length: 0 or > JobLimits.MaxTypeLength })
            throw Invalid("type", $"'type' must have 1 to {JobLimits.MaxTypeLength} characters.");
        if (Tag is { Length: 0 or > JobLimits.MaxTagLength })
            throw Invalid("tag", $"'tag' must have 1 to {JobLimits.MaxTagLength} characters.");
        return new JobFilter(state) { Type = Type, Tag = Tag, Before = Parameters.RequireTime("before", Before) };
    }

    /// <exception cref="ProblemException">A parameter is not what it should be, or jobs of the state can't be dealt with so.</exception>
    public JobFilter ToFilter(JobAction action)
    {
        var filter = ToFilter();
        return action.Takes(filter.State)
            ? filter
            : throw Invalid("state", $"'state' must be one of {string.Join(", ", States.Where(state => action.Takes(state.Value)).Select(state => state.Key))}.");
    }

    private static ProblemException Invalid(string name, string detail) =>
        new(new Problem(ProblemTypes.InvalidParameter, detail) { Field = name });
}
