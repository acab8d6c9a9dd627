using System.Globalization;
using System.Text.RegularExpressions;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Validation;

/// <summary>Checks what comes in the address.</summary>
internal static partial class Parameters
{
    private const int MaxEchoed = 80;

    /// <exception cref="ProblemException">The name breaks <see cref="QueueName.Rule"/>.</exception>
    public static void RequireQueue(string queue)
    {
        if (!QueueName.IsValid(queue))
        {
            throw new ProblemException(new Problem(
                ProblemTypes.InvalidQueueName, $"'{Shorten(queue)}' is not a queue name: {QueueName.Rule}.")
            { Field = "queue" });
        }
    }

    /// <exception cref="ProblemException">The text is not a job id.</exception>
    public static JobId RequireJobId(string text) => JobId.TryParse(text, out var id)
        ? id
        : throw new ProblemException(new Problem(
            ProblemTypes.InvalidJobId, $"'{Shorten(text)}' is not a job id: expected <queue>.<ulid>.")
        { Field = "id" });

    /// <exception cref="ProblemException">The value is out of its range.</exception>
    public static int RequireRange(string name, string? text, int min, int max, int defaultValue)
    {
        if (text is null)
            return defaultValue;
        return int.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new ProblemException(new Problem(
                ProblemTypes.InvalidParameter, $"'{name}' must be a whole number from {min} to {max}.")
            { Field = name });
    }

    /// <summary>A wait in whole seconds, with an 's' behind them or not; zero where there is none.</summary>
    /// <exception cref="ProblemException">The value is something else, or too long.</exception>
    public static TimeSpan RequireWait(string name, string? text, int maxSeconds)
    {
        if (text is null)
            return TimeSpan.Zero;
        return int.TryParse(text.EndsWith('s') ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= maxSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new ProblemException(new Problem(
                ProblemTypes.InvalidParameter, $"'{name}' must be a whole number of seconds from 0 to {maxSeconds}, for example {maxSeconds / 2}s.")
            { Field = name });
    }

    /// <summary>A time as RFC 3339 has it, without seconds too; null where there is none. A time of day alone or a date is none: nobody could tell whose.</summary>
    /// <exception cref="ProblemException">The value is something else.</exception>
    public static DateTimeOffset? RequireTime(string name, string? text)
    {
        if (text is null)
            return null;
        return Time().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : throw new ProblemException(new Problem(ProblemTypes.InvalidParameter, $"'{name}' must be a time such as 2026-01-31T12:00:00Z.") { Field = name });
    }

    /// <summary>What is behind a place that the request names.</summary>
    /// <exception cref="ProblemException">No answer has named that place.</exception>
    public static async Task<T> RequirePlaceAsync<T>(string name, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (ArgumentException)
        {
            throw new ProblemException(new Problem(ProblemTypes.InvalidParameter, $"'{name}' must be the 'next' of an answer to the same query.") { Field = name });
        }
    }

    /// <summary><c>true</c> or <c>false</c>; false where there is none.</summary>
    /// <exception cref="ProblemException">The value is something else.</exception>
    public static bool RequireFlag(string name, string? text) => text switch
    {
        "true" => true,
        null or "false" => false,
        _ => throw new ProblemException(new Problem(ProblemTypes.InvalidParameter, $"'{name}' must be true or false.") { Field = name }),
    };

    /// <summary>Refuses a query with a name that is none of these: one that is misspelled would mean more than was meant.</summary>
    /// <exception cref="ProblemException">There is another name.</exception>
    public static void RequireKnown(HttpRequest request, params ReadOnlySpan<string> names)
    {
        foreach (var name in request.Query.Keys)
        {
            if (!names.Contains(name, StringComparer.Ordinal))
            {
                throw new ProblemException(new Problem(ProblemTypes.InvalidParameter, $"The query may have {string.Join(", ", names!)}.")
                {
                    Field = Shorten(name),
                });
            }
        }
    }

    [GeneratedRegex(
        @"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[-+][0-9]{2}:[0-9]{2})\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Time();

    private static string Shorten(string text) => text.Length <= MaxEchoed ? text : text[..MaxEchoed] + "…";
}
