using System.Security.Cryptography;
using System.Text.RegularExpressions;
using K8sQueue.LocalCluster.Api;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>The syntax of names and labels, with the messages of k8s.io/apimachinery/pkg/util/validation.</summary>
internal static partial class Names
{
    public const string QualifiedNameMessage =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
        "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    public const string LabelValueMessage =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
        "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
        "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    public const string SubdomainMessage =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
        "alphanumeric character (e.g. 'example.com', regex used for validation is " +
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    public const string LabelMessage =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
        "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int MaxGeneratedBase = 58;

    public static string? Check(GroupResource resource, string name)
    {
        if (resource.Group == "rbac.authorization.k8s.io")
            return name is "." or ".." || name.Contains('/') || name.Contains('%') ? "may not contain '/' or '%'" : null;
        if (resource == GroupResource.Namespaces || resource == GroupResource.Services)
            return IsLabel(name) ? null : name.Length > 63 ? "must be no more than 63 bytes" : LabelMessage;
        return IsSubdomain(name) ? null : name.Length > 253 ? "must be no more than 253 bytes" : SubdomainMessage;
    }

    public static bool IsLabel(string name) => name.Length is > 0 and <= 63 && LabelPattern().IsMatch(name);

    public static bool IsSubdomain(string name) => name.Length is > 0 and <= 253 && SubdomainPattern().IsMatch(name);

    public static bool IsLabelValue(string value) => value.Length <= 63 && (value.Length == 0 || NamePartPattern().IsMatch(value));

    public static bool IsQualifiedName(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var part = name[(slash + 1)..];
        return (slash < 0 || IsSubdomain(name[..slash])) && part.Length is > 0 and <= 63 && NamePartPattern().IsMatch(part);
    }

    /// <summary>metadata.generateName with five random characters.</summary>
    public static string Generate(string prefix) =>
        (prefix.Length > MaxGeneratedBase ? prefix[..MaxGeneratedBase] : prefix) + RandomNumberGenerator.GetString(Alphabet, 5);

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?\\z")]
    private static partial Regex LabelPattern();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\z")]
    private static partial Regex SubdomainPattern();

    [GeneratedRegex("^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\\z")]
    private static partial Regex NamePartPattern();
}
