using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Resources.Triggers;

namespace K8sQueue.Operator.Push;

/// <summary>What the triggers of pushed queues need.</summary>
/// <param name="ScalerAddress"><c>host:port</c>, as KEDA reaches the operator.</param>
/// <param name="Certificate">Changes with the certificates that KEDA is to use.</param>
public sealed record PushTriggers(string ScalerAddress, string Certificate)
{
    /// <summary>What those of a ScaledObject have; null where none of its queues is pushed.</summary>
    public static PushTriggers? Of(V1Alpha1ScaledObject? scaledObject) =>
        scaledObject?.Spec.Triggers?.Find(IsOurs)?.Metadata is { } metadata
            && metadata.GetValueOrDefault(PushedTriggers.AddressKey) is { } address
            && metadata.GetValueOrDefault(PushedTriggers.CertificateKey) is { } certificate
            ? new PushTriggers(address, certificate)
            : null;

    // A raw trigger of the user's may be of the same type.
    private static bool IsOurs(ScaledObjectTrigger trigger) =>
        trigger.Type == PushedTriggers.Type && trigger.Metadata?.ContainsKey(PushedTriggers.CertificateKey) == true;
}
