namespace K8sQueue.Core.Redis.Resp;

/// <summary>The server answered with an error where none was allowed.</summary>
internal sealed class RespException(string message) : Exception(message);
