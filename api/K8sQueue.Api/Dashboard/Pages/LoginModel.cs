namespace K8sQueue.Api.Dashboard.Pages;

/// <param name="To">Where the login leads.</param>
/// <param name="Failure">Why the last try was refused; null where there was none.</param>
/// <param name="Again">Whether the browser should ask for <paramref name="To"/> again, since it may have a login that it did not send.</param>
public sealed record LoginModel(string To, string? Failure, bool Again);
