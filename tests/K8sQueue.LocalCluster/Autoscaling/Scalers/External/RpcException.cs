namespace K8sQueue.LocalCluster.Autoscaling.Scalers.External;

/// <summary>A call ended with another status than OK, or did not come to an end.</summary>
/// <param name="status">gRPC's number; 14 (UNAVAILABLE) where no answer came.</param>
internal sealed class RpcException(int status, string message, Exception? innerException = null)
    : Exception($"rpc error: code = {status} desc = {message}", innerException)
{
    public const int Unavailable = 14;

    public int Status => status;
}
