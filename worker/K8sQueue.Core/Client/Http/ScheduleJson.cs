using System.Buffers;
using System.Text.Json;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Client.Http;

/// <summary>Writes a schedule as the API reads it. Queue and name are in the address.</summary>
internal static class ScheduleJson
{
    /// <exception cref="ArgumentException">The payload of its job is not JSON.</exception>
    public static byte[] Write(JobSchedule schedule)
    {
        var buffer = new ArrayBufferWriter<byte>(schedule.Job.Payload.Length + 512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("cron"u8, schedule.Cron);
            writer.WriteString("timeZone"u8, schedule.TimeZone);
            writer.WriteString("misfire"u8, JsonNamingPolicy.CamelCase.ConvertName(schedule.Misfire.ToString()));
            writer.WriteNumber("graceSeconds"u8, schedule.MisfireGrace.TotalSeconds);
            writer.WriteString("overlap"u8, JsonNamingPolicy.CamelCase.ConvertName(schedule.Overlap.ToString()));
            writer.WritePropertyName("job"u8);
            JobRequestJson.Write(writer, schedule.Job);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
