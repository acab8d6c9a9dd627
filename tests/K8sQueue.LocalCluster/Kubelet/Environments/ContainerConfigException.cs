namespace K8sQueue.LocalCluster.Kubelet.Environments;

/// <summary>A container cannot be made of what the API has now: a Secret, ConfigMap or key is missing. It is tried again.</summary>
internal sealed class ContainerConfigException : Exception
{
    public ContainerConfigException()
    {
    }

    public ContainerConfigException(string message)
        : base(message)
    {
    }

    public ContainerConfigException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
