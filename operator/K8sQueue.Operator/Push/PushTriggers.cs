namespace K8sQueue.Operator.Push;

/// <summary>What the triggers of pushed queues need.</summary>
/// <param name="ScalerAddress"><c>host:port</c>, as KEDA reaches the operator.</param>
/// <param name="Certificate">Changes with the certificates that KEDA is to use.</param>
public sealed record PushTriggers(string ScalerAddress, string Certificate);
