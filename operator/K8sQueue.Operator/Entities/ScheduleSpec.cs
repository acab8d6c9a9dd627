using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace K8sQueue.Operator.Entities;

[Description("A time at which the pool has at least so many replicas.")]
public sealed class ScheduleSpec
{
    private const string Step = "(/[1-9][0-9]?)?";
    private const string Minute = "[0-5]?[0-9]";
    private const string Hour = "(0?[0-9]|1[0-9]|2[0-3])";
    private const string Day = "(0?[1-9]|[12][0-9]|3[01])";
    private const string Month =
        "(0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)";

    private const string Weekday = "(0?[0-6]|sun|mon|tue|wed|thu|fri|sat|SUN|MON|TUE|WED|THU|FRI|SAT)";

    private const string Minutes = $"([*?]|{Minute}(-{Minute})?){Step}";
    private const string Hours = $"([*?]|{Hour}(-{Hour})?){Step}";
    private const string Days = $"([*?]|{Day}(-{Day})?){Step}";
    private const string Months = $"([*?]|{Month}(-{Month})?){Step}";
    private const string Weekdays = $"([*?]|{Weekday}(-{Weekday})?){Step}";

    private const string Cron =
        $"^{Minutes}(,{Minutes})* {Hours}(,{Hours})* {Days}(,{Days})* {Months}(,{Months})* {Weekdays}(,{Weekdays})*$";

    [Required]
    [MinLength(1)]
    [MaxLength(64)]
    [RegularExpression("^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$")]
    [Description("The time zone of start and end, as the IANA names it: Europe/Berlin.")]
    public string Timezone { get; set; } = "";

    [Required]
    [MinLength(9)]
    [MaxLength(100)]
    [RegularExpression(Cron)]
    [Description("When it begins, as a cron expression of five fields: minute, hour, day of the month, month, day of the week (0 to 6, Sunday is 0).")]
    public string Start { get; set; } = "";

    [Required]
    [MinLength(9)]
    [MaxLength(100)]
    [RegularExpression(Cron)]
    [Description("When it ends, likewise.")]
    public string End { get; set; } = "";

    [Required]
    [Range(1, 100_000)]
    [Description("At least so many replicas.")]
    public int Replicas { get; set; } = 1;
}
