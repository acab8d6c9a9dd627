namespace K8sQueue.Operator.Discovery;

/// <summary>Whether a connection's name is a pod's. Pure.</summary>
internal static class LiveNames
{
    /// <summary>PostgreSQL keeps so many bytes of an application_name.</summary>
    private const int Kept = 63;

    /// <summary>
    /// It is the pod's name, or begins with it, in full and at a border (a worker may have several connections and number them); or it is as
    /// much of the pod's name as the server keeps.
    /// </summary>
    public static bool MayBe(string name, string pod) =>
        name.Length >= pod.Length
            ? name.StartsWith(pod, StringComparison.Ordinal) && (name.Length == pod.Length || !char.IsAsciiLetterOrDigit(name[pod.Length]))
            : name.Length >= Kept && pod.StartsWith(name, StringComparison.Ordinal);
}
