using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Push;
using K8sQueue.Operator.Push.Certificates;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>A pushed queue as KEDA sees it: one trigger in place of a trigger a lane, and one TriggerAuthentication a pool.</summary>
internal static class PushedTriggers
{
    public const string Type = "external-push";

    public const string AddressKey = "scalerAddress";

    /// <summary>Not read by anybody: it makes the ScaledObject another one when the certificates change, and KEDA reads them again.</summary>
    public const string CertificateKey = "certificate";

    public static QueueTriggers Of(string pool, QueueSpec queue, int index, PushTriggers push)
    {
        var name = FormattableString.Invariant($"q{index}");
        var trigger = new ScaledObjectTrigger
        {
            Type = Type,
            Name = name,
            Metadata = new()
            {
                [AddressKey] = push.ScalerAddress,
                [ExternalScalerService.QueueKey] = queue.Name,
                [CertificateKey] = push.Certificate,
            },
            AuthenticationRef = new KedaAuthenticationReference { Name = ChildMetadata.PushAuthenticationName(pool) },
        };
        return new([trigger], name, SignalCompleteness.Complete);
    }

    public static bool IsPushed(QueueSpec queue) => queue.K8squeue?.Signal == QueueSignal.Push;

    public static V1Alpha1TriggerAuthentication Authentication(V1Alpha1WorkerPool pool) => new()
    {
        ApiVersion = "keda.sh/v1alpha1",
        Kind = "TriggerAuthentication",
        Metadata = ChildMetadata.Of(pool, ChildMetadata.PushAuthenticationName(pool.Metadata.Name!)),
        Spec = new TriggerAuthenticationSpec
        {
            SecretTargetRef =
            [
                Reference("caCert", ClientMaterial.AuthoritiesKey),
                Reference("tlsClientCert", ClientMaterial.CertificateKey),
                Reference("tlsClientKey", ClientMaterial.PrivateKey),
            ],
        },
    };

    private static SecretTargetReference Reference(string parameter, string key) =>
        new() { Parameter = parameter, Name = ClientSecrets.SecretName, Key = key };
}
