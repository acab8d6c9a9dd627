using System.Diagnostics.CodeAnalysis;
using Quartz;

namespace K8sQueue.Core.Schedules;

/// <summary>
/// Reads the times of a schedule: Quartz's expressions, and the crontab lines of five fields that say the same with the days of the week
/// from 0 to 7, both of which are Sunday. Where day of the month and day of the week are both given, either is enough.
/// </summary>
public static class CronText
{
    private const int CrontabFields = 5;

    /// <summary>Reads an expression; false where it is not one, and what is wrong with it.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CronExpression? expression, [NotNullWhen(false)] out string? trouble)
    {
        (expression, trouble) = (null, null);
        var fields = text?.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (fields.Length == 0 || text!.Length > ScheduleLimits.MaxCronLength)
        {
            trouble = $"cron must be an expression of 1 to {ScheduleLimits.MaxCronLength} characters, for example '30 4 * * 1-5'.";
            return false;
        }

        if (fields.Length is not (1 or CrontabFields or 6 or 7) || (fields.Length == 1 && fields[0][0] != '@'))
        {
            trouble = $"'{text}' has {fields.Length} fields: crontab has 5 (minute, hour, day of the month, month, day of the week), Quartz 6 or 7 (second first, year last).";
            return false;
        }

        try
        {
            expression = CronExpression.Parse(string.Join(' ', fields), fields.Length == CrontabFields ? CronFormat.Unix : CronFormat.Quartz);
            return true;
        }
        catch (FormatException e)
        {
            trouble = $"'{text}' is not a cron expression: {e.Message}";
            return false;
        }
    }
}
