namespace K8sQueue.Operator.Push.Grpc;

/// <summary>https://grpc.github.io/grpc/core/md_doc_statuscodes.html</summary>
internal enum GrpcStatusCode
{
    Ok = 0,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

/// <summary>Ends a call with a status. The message goes to the caller: no secret in it.</summary>
internal sealed class GrpcException(GrpcStatusCode code, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public GrpcStatusCode Code => code;
}
