namespace K8sQueue.Api.Dashboard.Pages;

/// <param name="To">Where the login leads.</param>
/// <param name="Failed">Whether a key was given that is not known.</param>
/// <param name="Again">Whether the browser should ask for <paramref name="To"/> again, since it may have a login that it did not send.</param>
public sealed record LoginModel(string To, bool Failed, bool Again);
