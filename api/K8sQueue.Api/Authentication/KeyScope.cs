using System.Security.Claims;
using System.Text.RegularExpressions;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Authentication;

/// <summary>
/// What a key may do, and in which queues: <c>verbs=read+enqueue;queues=emails+orders-*;tenant=acme</c>. A part that is missing restricts nothing.
/// </summary>
/// <param name="Verbs">What it may do.</param>
/// <param name="Queues">Names of queues, and beginnings of names with a '*' behind them.</param>
/// <param name="Tenant">Of these only the queue of this name, and those whose names begin with it and a '.'; null for all.</param>
internal sealed partial record KeyScope(IReadOnlyList<Verb> Verbs, IReadOnlyList<string> Queues, string? Tenant)
{
    public const string AnyQueue = "*";
    public const string Shape = "verbs=read+enqueue+manage;queues=emails+orders-*;tenant=acme";

    /// <summary>No restriction.</summary>
    public static readonly KeyScope Everything = new([Verb.Read, Verb.Enqueue, Verb.Manage], [AnyQueue], Tenant: null);

    private const string VerbsPart = "verbs";
    private const string QueuesPart = "queues";
    private const string TenantPart = "tenant";

    /// <summary>As a line of a keys file has it; empty where nothing is restricted.</summary>
    public string Text => string.Join(';', Parts());

    /// <summary>The same as claims. A principal without any may do nothing.</summary>
    public IEnumerable<Claim> Claims =>
    [
        .. Verbs.Select(verb => new Claim(AccessClaims.Verb, AccessClaims.Value(verb))),
        .. Queues.Select(queue => new Claim(AccessClaims.Queue, queue)),
        .. Tenant is null ? [] : new[] { new Claim(AccessClaims.Tenant, Tenant) },
    ];

    /// <summary>Reads <see cref="Shape"/>.</summary>
    /// <exception cref="FormatException">It is something else; the message says what is allowed, and nothing of the text, which may be a secret.</exception>
    public static KeyScope Parse(string text)
    {
        var scope = Everything;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in text.Split(';'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : part[..equals];
            var value = part[(equals + 1)..];
            scope = name switch
            {
                VerbsPart => scope with { Verbs = [.. value.Split('+').Select(ReadVerb).Distinct().Order()] },
                QueuesPart => scope with { Queues = [.. value.Split('+').Select(ReadQueue).Distinct(StringComparer.Ordinal)] },
                TenantPart => scope with { Tenant = ReadTenant(value) },
                _ => throw new FormatException($"has scopes that are not {Shape}, any part of which may be missing"),
            };
            if (!seen.Add(name))
                throw new FormatException($"has '{name}' twice");
        }

        return scope;
    }

    private static Verb ReadVerb(string text) => text switch
    {
        "read" => Verb.Read,
        "enqueue" => Verb.Enqueue,
        "manage" => Verb.Manage,
        _ => throw new FormatException("has a verb that there is not; the verbs are read, enqueue and manage, with '+' between them"),
    };

    private static string ReadQueue(string text) => QueuePattern().IsMatch(text) && text.Length <= QueueName.MaxLength + 1
        ? text
        : throw new FormatException(
            $"has a queue that can't be one; queues are names ({QueueName.Rule}) or the beginnings of names with '*' behind them, with '+' between them");

    /// <summary>Whether it can name a tenant. It has no dot: so no tenant is within another one.</summary>
    public static bool IsTenant(string text) => TenantPattern().IsMatch(text) && text.Length <= QueueName.MaxLength;

    private static string ReadTenant(string text) => IsTenant(text)
        ? text
        : throw new FormatException(
            $"has a tenant that can't be one; a tenant has 1 to {QueueName.MaxLength} lower-case letters, digits, '-' or '_', and starts and ends with a letter or digit");

    private IEnumerable<string> Parts()
    {
        if (Verbs.Count < Everything.Verbs.Count)
            yield return $"{VerbsPart}={string.Join('+', Verbs.Select(AccessClaims.Value))}";
        if (!Queues.Contains(AnyQueue, StringComparer.Ordinal))
            yield return $"{QueuesPart}={string.Join('+', Queues)}";
        if (Tenant is not null)
            yield return $"{TenantPart}={Tenant}";
    }

    [GeneratedRegex(@"^([a-z0-9]([-a-z0-9_.]*[a-z0-9])?|([a-z0-9][-a-z0-9_.]*)?\*)\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex QueuePattern();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9_]*[a-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex TenantPattern();
}
