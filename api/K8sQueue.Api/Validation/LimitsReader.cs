using System.Buffers;
using System.Text.Json;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Validation;

/// <summary>Reads the limits of a queue from a request's body.</summary>
internal static class LimitsReader
{
    private const int MaxBytes = 16 * 1024;

    /// <exception cref="ProblemException">The body is no limits; the problem says why and where.</exception>
    public static async ValueTask<QueueLimits> ReadAsync(HttpRequest request)
    {
        ContentTypes.Require(request, ContentTypes.Json);
        var body = await request.BodyReader.ReadAtLeastAsync(MaxBytes + 1, request.HttpContext.RequestAborted);
        var json = body.Buffer.Length <= MaxBytes ? body.Buffer.ToArray() : null;
        request.BodyReader.AdvanceTo(body.Buffer.End);
        if (json is null)
            throw new ProblemException(new Problem(ProblemTypes.TooLarge, $"Limits may have {MaxBytes} bytes."));
        try
        {
            return JobRequestReader.ReadDocument(json, static (ref Utf8JsonReader reader, ReadOnlySpan<byte> _) => Read(ref reader));
        }
        catch (ProblemException e) when (e.Problem.Type == ProblemTypes.InvalidJob)
        {
            throw new ProblemException(e.Problem with { Type = ProblemTypes.InvalidLimits });
        }
    }

    private static QueueLimits Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonFields.Invalid(null, $"Limits are a JSON object, not {JsonFields.Describe(reader.TokenType)}.");
        var limits = QueueLimits.None;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (JsonFields.NextName(ref reader, prefix: null, seen, out var name))
        {
            limits = name switch
            {
                "rate" => limits with { Rate = ReadRate(ref reader) },
                "concurrency" => limits with { Concurrency = JsonFields.Integer(ref reader, name, 1, QueueLimits.MaxJobs) },
                _ => throw JsonFields.Unknown(name, "rate, concurrency"),
            };
        }

        return limits != QueueLimits.None
            ? limits
            : throw JsonFields.Invalid(null, "Limits need 'rate', 'concurrency', or both; DELETE takes them away.");
    }

    private static QueueRate? ReadRate(ref Utf8JsonReader reader)
    {
        if (!JsonFields.BeginObject(ref reader, "rate"))
            return null;
        var (jobs, period, burst) = ((int?)null, (TimeSpan?)null, (int?)null);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (JsonFields.NextName(ref reader, "rate.", seen, out var name))
        {
            switch (name)
            {
                case "rate.jobs":
                    jobs = JsonFields.Integer(ref reader, name, 1, QueueLimits.MaxJobs);
                    break;
                case "rate.periodSeconds":
                    period = JsonFields.Seconds(ref reader, name, 0.001, QueueRate.MaxPeriod.TotalSeconds);
                    break;
                case "rate.burst":
                    burst = JsonFields.Integer(ref reader, name, 1, QueueLimits.MaxJobs);
                    break;
                default:
                    throw JsonFields.Unknown(name, "jobs, periodSeconds, burst");
            }
        }

        if (jobs is not { } most)
            throw JsonFields.Invalid("rate.jobs", "'rate.jobs' is required: how many may start in a period.");
        if (period is not { } length)
            throw JsonFields.Invalid("rate.periodSeconds", "'rate.periodSeconds' is required: in how long they may.");
        return new QueueRate(most, TimeSpan.FromMilliseconds(Math.Round(length.TotalMilliseconds))) { Burst = burst ?? most };
    }
}
