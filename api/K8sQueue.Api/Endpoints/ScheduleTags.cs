using System.Security.Cryptography;
using System.Text.Json;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Schedules;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace K8sQueue.Api.Endpoints;

/// <summary>
/// Entity tags of schedules, and what requests ask by them (RFC 9110, 8.8.3 and 13). A tag is the schedule's revision and a hash of the document: that is
/// another one once the schedule has fired, and a change asks for the revision alone, so that it is not refused since the schedule did what it is there for.
/// </summary>
internal static class ScheduleTags
{
    private const char Separator = '-';
    private const int HashLength = 16;

    public static string Of(string revision, ScheduleDocument document)
    {
        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(document, ApiJsonContext.Default.ScheduleDocument));
        return $"\"{revision}{Separator}{Convert.ToHexStringLower(hash)[..HashLength]}\"";
    }

    /// <summary>What must be there for a change (<c>If-Match</c>, or <c>If-None-Match: *</c>); null where nothing is asked for.</summary>
    /// <exception cref="ProblemException">The headers are no such conditions.</exception>
    public static ScheduleCondition? ConditionOf(HttpRequest request)
    {
        var headers = request.Headers;
        if (headers.IfNoneMatch.Count > 0)
        {
            return headers.IfNoneMatch == "*" && headers.IfMatch.Count == 0
                ? ScheduleCondition.Absent
                : throw Invalid(HeaderNames.IfNoneMatch, "'If-None-Match' of a change must be *, without 'If-Match'.");
        }

        if (headers.IfMatch.Count == 0)
            return null;
        if (!EntityTagHeaderValue.TryParseStrictList([.. headers.IfMatch.OfType<string>()], out var tags) || tags.Count == 0)
            throw Invalid(HeaderNames.IfMatch, "'If-Match' must be * or tags as 'ETag' answers them, with their quotation marks.");
        return tags.Any(tag => tag.Tag == EntityTagHeaderValue.Any.Tag)
            ? ScheduleCondition.Present
            : ScheduleCondition.OneOf([.. tags.Where(tag => !tag.IsWeak).Select(tag => RevisionOf(tag.Tag))]);
    }

    private static string RevisionOf(StringSegment tag)
    {
        var text = tag.AsSpan().Trim('"');
        return text.LastIndexOf(Separator) is >= 0 and var end ? text[..end].ToString() : "";
    }

    private static ProblemException Invalid(string header, string detail) => new(new Problem(ProblemTypes.InvalidParameter, detail) { Field = header });
}
