namespace K8sQueue.Core.Schedules;

/// <summary>What a schedule must be for it to be changed. The broker compares and changes in one step.</summary>
public sealed class ScheduleCondition
{
    private readonly bool _exists;
    private readonly IReadOnlyList<string>? _revisions;

    private ScheduleCondition(bool exists, IReadOnlyList<string>? revisions = null) => (_exists, _revisions) = (exists, revisions);

    /// <summary>There is none of its name.</summary>
    public static ScheduleCondition Absent { get; } = new(exists: false);

    /// <summary>There is one of its name.</summary>
    public static ScheduleCondition Present { get; } = new(exists: true);

    /// <summary>It has one of these revisions: <see cref="JobScheduleStatus.Revision"/> says which it has.</summary>
    public static ScheduleCondition OneOf(params IReadOnlyList<string> revisions) => new(exists: true, revisions);

    /// <summary>Whether a schedule of this revision is so; null for no schedule.</summary>
    public bool Takes(string? revision) => revision is null ? !_exists : _exists && (_revisions is null || _revisions.Contains(revision, StringComparer.Ordinal));
}
