using System.Text.Json.Serialization;
using K8sQueue.Api.Cluster;
using K8sQueue.Api.Diagnostics;
using K8sQueue.Api.Health;
using K8sQueue.Api.Workers;

namespace K8sQueue.Api.Contracts;

/// <summary>Every document of this API, without reflection. ApiHost sets the options: names in camel case, nulls left out.</summary>
[JsonSerializable(typeof(EnqueueJob))]
[JsonSerializable(typeof(JobAccepted))]
[JsonSerializable(typeof(JobDocument))]
[JsonSerializable(typeof(JobListPage))]
[JsonSerializable(typeof(CancelDocument))]
[JsonSerializable(typeof(JobActionDocument))]
[JsonSerializable(typeof(EventDocument))]
[JsonSerializable(typeof(LimitsDocument))]
[JsonSerializable(typeof(BulkDocument))]
[JsonSerializable(typeof(QueueDocument))]
[JsonSerializable(typeof(QueuePage))]
[JsonSerializable(typeof(DrainedDocument))]
[JsonSerializable(typeof(CapacityDocument))]
[JsonSerializable(typeof(DeadLetterPage))]
[JsonSerializable(typeof(RedriveJob))]
[JsonSerializable(typeof(RedrivenDocument))]
[JsonSerializable(typeof(DeletedDocument))]
[JsonSerializable(typeof(PutSchedule))]
[JsonSerializable(typeof(ScheduleDocument))]
[JsonSerializable(typeof(SchedulePage))]
[JsonSerializable(typeof(EnqueueBatch))]
[JsonSerializable(typeof(BatchAccepted))]
[JsonSerializable(typeof(BatchDocument))]
[JsonSerializable(typeof(EnqueueFlow))]
[JsonSerializable(typeof(FlowAccepted))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(PoolPage))]
[JsonSerializable(typeof(PodList))]
[JsonSerializable(typeof(BudgetPage))]
[JsonSerializable(typeof(WorkerPage))]
[JsonSerializable(typeof(DiagnosticsDocument))]
[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(HealthReportDocument))]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;

/// <summary>Writes an enum as its name in camel case.</summary>
internal sealed class CamelCaseEnumConverter<T>() : JsonStringEnumConverter<T>(System.Text.Json.JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
