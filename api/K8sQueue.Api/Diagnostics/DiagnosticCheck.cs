namespace K8sQueue.Api.Diagnostics;

/// <summary>A way in which things go wrong. Its texts are the same whatever is found; docs/how-to/troubleshooting.md has them, too, and a test compares.</summary>
/// <param name="Id">The stable name: lower case, with hyphens.</param>
/// <param name="Symptom">What people see of it.</param>
/// <param name="Cause">What is behind it.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="Look">Tells from the facts whether it is so. Pure.</param>
internal sealed record DiagnosticCheck(string Id, string Symptom, string Cause, string Remedy, Func<DiagnosticFacts, Finding> Look);
