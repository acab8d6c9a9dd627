namespace K8sQueue.Api.Contracts;

/// <summary>The answer of a bulk enqueue. Only the OpenAPI document uses this type: <see cref="Endpoints.BulkResults"/> writes answers.</summary>
internal sealed record BulkDocument(int Accepted, int Rejected, IReadOnlyList<BulkItem> Results);

/// <summary>One job of a bulk enqueue.</summary>
/// <param name="Index">Its place in the request, from 0.</param>
/// <param name="Status">202, 200 for a duplicate, or the status that the job alone would have been answered with.</param>
/// <param name="Id">The job's id, where it was accepted; where it is a duplicate, that of the job that has its key.</param>
/// <param name="Type">The problem's type, where it was not.</param>
/// <param name="Detail">What is wrong.</param>
/// <param name="Field">The field that is wrong.</param>
internal sealed record BulkItem(int Index, int Status, string? Id, string? Type, string? Detail, string? Field);

/// <summary>A problem document (RFC 9457), as the OpenAPI document shows it.</summary>
internal sealed record ProblemDocument(string Type, string Title, int Status, string? Detail, string? Field, long? Line, long? Position);

/// <summary>The answer of the health endpoints.</summary>
internal sealed record HealthDocument(string Status);
