using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>Points a scaler's parameters to Secrets. No credential is copied.</summary>
internal static class TriggerSecrets
{
    /// <summary>Null where no Secret is named.</summary>
    public static TriggerAuthenticationSpec? Of(params ReadOnlySpan<(string Parameter, SecretKeyReference? Secret)> parameters)
    {
        var references = new List<SecretTargetReference>();
        foreach (var (parameter, secret) in parameters)
        {
            if (secret is not null)
                references.Add(new SecretTargetReference { Parameter = parameter, Name = secret.Name, Key = secret.Key });
        }

        return references.Count == 0 ? null : new TriggerAuthenticationSpec { SecretTargetRef = references };
    }
}
