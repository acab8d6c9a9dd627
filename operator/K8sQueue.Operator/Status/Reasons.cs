namespace K8sQueue.Operator.Status;

/// <summary>Reasons of conditions and events. They are part of the API: docs/reference/workerpool.md says what each asks for.</summary>
public static class Reasons
{
    public const string AsExpected = "AsExpected";
    public const string ScaledToZero = "ScaledToZero";
    public const string Suspended = "Suspended";
    public const string NotSuspended = "NotSuspended";
    public const string Stable = "Stable";
    public const string Scaling = "Scaling";
    public const string RollingOut = "RollingOut";
    public const string PodsNotReady = "PodsNotReady";
    public const string WaitingForConnections = "WaitingForConnections";
    public const string WithinBudget = "WithinBudget";
    public const string BudgetExhausted = "BudgetExhausted";
    public const string NothingDrains = "NothingDrains";
    public const string PodsDrain = "PodsDrain";
    public const string DrainTimedOut = "DrainTimedOut";
    public const string WorkersUnreachable = "WorkersUnreachable";
    public const string BusynessUnknown = "BusynessUnknown";
    public const string PodKilled = "PodKilled";
    public const string InFlightCounted = "InFlightCounted";
    public const string RawTrigger = "RawTrigger";
    public const string QueryUndeclared = "QueryUndeclared";
    public const string SharedUnacked = "SharedUnacked";
    public const string AcksEarly = "AcksEarly";
    public const string InFlightNotCounted = "InFlightNotCounted";
    public const string AmqpProtocol = "AmqpProtocol";
    public const string RevisionCreated = "RevisionCreated";
    public const string RolloutCompleted = "RolloutCompleted";
    public const string RolledBack = "RolledBack";
    public const string ProgressDeadlineExceeded = "ProgressDeadlineExceeded";

    public const string TemplateInvalid = "TemplateInvalid";
    public const string TemplateChanged = "TemplateChanged";
    public const string ChildConflict = "ChildConflict";
    public const string WaitingForCollection = "WaitingForCollection";
    public const string ApiCallFailed = "ApiCallFailed";
    public const string PassFailed = "PassFailed";
    public const string SecretNotFound = "SecretNotFound";
    public const string BudgetNotFound = "BudgetNotFound";
    public const string GrantRefused = "GrantRefused";
    public const string ReplicaOverCapacity = "ReplicaOverCapacity";
    public const string MinimumsOverCapacity = "MinimumsOverCapacity";

    public const string ScaledObjectReady = "ScaledObjectReady";
    public const string WaitingForKeda = "WaitingForKeda";
    public const string ScaledObjectPaused = "ScaledObjectPaused";
    public const string FallbackActive = "FallbackActive";
    public const string KedaNotInstalled = "KedaNotInstalled";
    public const string KedaForbidden = "KedaForbidden";
    public const string ScaledObjectRejected = "ScaledObjectRejected";
    public const string PushUnavailable = "PushUnavailable";
    public const string InvalidSchedule = "InvalidSchedule";
    public const string ScaledObjectStuck = "ScaledObjectStuck";
    public const string ForeignAutoscaler = "ForeignAutoscaler";
    public const string TriggerAuthenticationNotFound = "TriggerAuthenticationNotFound";

    public const string MonitoringInPlace = "MonitoringInPlace";
    public const string PrometheusOperatorNotInstalled = "PrometheusOperatorNotInstalled";
    public const string MonitoringRefused = "MonitoringRefused";
    public const string NoMetricsPort = "NoMetricsPort";

    public const string OverCapacity = "OverCapacity";
    public const string RecordFull = "RecordFull";
    public const string ConnectionsLeft = "ConnectionsLeft";
    public const string CapacityUnknown = "CapacityUnknown";
    public const string CapacityRead = "CapacityRead";
    public const string ServerUnreachable = "ServerUnreachable";
    public const string AddressRefused = "AddressRefused";
    public const string AccessDenied = "AccessDenied";
    public const string ReadFailed = "ReadFailed";
    public const string AllAccountedFor = "AllAccountedFor";
    public const string UnaccountedConnections = "UnaccountedConnections";
    public const string ActivityHidden = "ActivityHidden";
}
