using K8sQueue.LocalCluster.Kubelet.Images;

namespace K8sQueue.LocalCluster.Kubelet;

/// <summary>How pods become processes of this machine.</summary>
public sealed class KubeletOptions
{
    /// <summary>Pods live in <c>&lt;data&gt;/pods/&lt;namespace&gt;_&lt;name&gt;_&lt;uid&gt;/</c>: logs stay, volumes go with the pod.</summary>
    public required string DataDirectory { get; set; }

    /// <summary>What an image runs.</summary>
    public ImageMap Images { get; set; } = new();

    /// <summary>The first two numbers of pod addresses. The default value is 127.42; Linux answers on all of 127.0.0.0/8.</summary>
    public string PodNetwork { get; set; } = "127.42";

    /// <summary>Multiplies the restart delays (10 s, doubling, at most 5 min). The default value is 1.</summary>
    public double BackOffScale { get; set; } = 1;

    /// <summary>How soon a missing Secret, ConfigMap or image is looked for again. The default value is 2 s.</summary>
    public TimeSpan ConfigurationRetry { get; set; } = TimeSpan.FromSeconds(2);
}
