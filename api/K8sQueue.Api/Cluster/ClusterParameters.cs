using System.Text.RegularExpressions;
using K8sQueue.Api.Problems;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Cluster;

/// <summary>Checks the names of objects in addresses, before they become part of a request to the cluster.</summary>
internal static partial class ClusterParameters
{
    private const int MaxLength = 253;

    /// <exception cref="ProblemException">One of them is no name that Kubernetes allows.</exception>
    public static NamespacedName RequireName(string @namespace, string name)
    {
        Require("namespace", @namespace);
        Require("name", name);
        return new NamespacedName(@namespace, name);
    }

    private static void Require(string field, string value)
    {
        if (value.Length > MaxLength || !Subdomain().IsMatch(value))
        {
            throw new ProblemException(new Problem(
                ProblemTypes.InvalidParameter, $"'{field}' must be a name as Kubernetes has it: lower-case letters, digits, '-' and '.'.")
            { Field = field });
        }
    }

    // RFC 1123, as Kubernetes checks names.
    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Subdomain();
}
