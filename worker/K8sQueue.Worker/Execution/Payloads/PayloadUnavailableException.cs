namespace K8sQueue.Worker.Execution.Payloads;

/// <summary>The broker did not give a job's payload; the job has not started, and is handed back.</summary>
internal sealed class PayloadUnavailableException(string message, Exception innerException) : Exception(message, innerException);
