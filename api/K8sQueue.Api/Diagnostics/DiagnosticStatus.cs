using System.Text.Json.Serialization;
using K8sQueue.Api.Contracts;

namespace K8sQueue.Api.Diagnostics;

/// <summary>What a check found, from good to bad.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<DiagnosticStatus>))]
internal enum DiagnosticStatus
{
    Ok,

    /// <summary>There is nothing to look at, or it could not be read.</summary>
    Skipped,

    Warning,

    Error,
}
