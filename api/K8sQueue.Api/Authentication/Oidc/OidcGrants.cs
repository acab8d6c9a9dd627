using System.Buffers.Text;
using System.Globalization;
using System.Security.Claims;
using System.Text;
using System.Text.Json;

namespace K8sQueue.Api.Authentication.Oidc;

/// <summary>What a token says of who it is for, and of what they may: the same as an API key's scopes. Pure.</summary>
internal static class OidcGrants
{
    /// <summary>What the names of subjects begin with. No key's name has a colon.</summary>
    public const string NamePrefix = "oidc:";

    public const string SubjectClaim = "sub";

    /// <summary>The most grants that count.</summary>
    public const int MaxGrants = 16;

    private const int MaxSubjectLength = 255;

    /// <summary>
    /// What a token says, of its middle part. Its claims as the framework has them do not tell a list from a text, and each is read in its own way.
    /// </summary>
    public static JsonElement PayloadOf(string part)
    {
        using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part));
        return document.RootElement.Clone();
    }

    /// <summary>The name of a subject in logs and buckets; null where there is no subject. What is no visible ASCII is escaped, so that nobody writes lines of his own.</summary>
    public static string? NameOf(JsonElement payload)
    {
        if (!payload.TryGetProperty(SubjectClaim, out var claim) || TextOf(claim) is not { Length: > 0 and <= MaxSubjectLength } subject)
            return null;
        var name = new StringBuilder(NamePrefix);
        foreach (var b in Encoding.UTF8.GetBytes(subject))
        {
            if (b is > 0x20 and < 0x7F and not (byte)'%')
                name.Append((char)b);
            else
                name.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return name.ToString();
    }

    /// <summary>What the subject may; nothing where the token says nothing that is understood.</summary>
    public static IReadOnlyList<KeyScope> Of(OidcOptions options, JsonElement payload)
    {
        var tenant = options.TenantClaim is { } name ? Values(payload, name, separator: null).FirstOrDefault() ?? "" : null;
        var grants = new List<KeyScope>();
        foreach (var value in Values(payload, options.Claim, separator: ' ').Distinct(StringComparer.Ordinal))
        {
            if (grants.Count < MaxGrants && GrantOf(options, value) is { } grant && Within(grant, tenant) is { } own)
                grants.Add(own);
        }

        return grants;
    }

    /// <summary>Somebody with a name, who may what any one of the grants allows.</summary>
    public static ClaimsPrincipal PrincipalOf(string name, IReadOnlyList<KeyScope> grants, string scheme) => grants.Count == 0
        ? new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], scheme))
        : new ClaimsPrincipal(grants.Select(grant => new ClaimsIdentity([new Claim(ClaimTypes.Name, name), .. grant.Claims], scheme)));

    private static KeyScope? GrantOf(OidcOptions options, string value)
    {
        if (options.Grants is not null)
            return options.Grants.GetValueOrDefault(value);
        try
        {
            return value == OidcOptions.Everything ? KeyScope.Everything : KeyScope.Parse(value);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    // With a tenant a grant allows no more than that tenant's queues, and one of another tenant nothing.
    private static KeyScope? Within(KeyScope grant, string? tenant)
    {
        if (tenant is null)
            return grant;
        return KeyScope.IsTenant(tenant) && (grant.Tenant is null || grant.Tenant == tenant) ? grant with { Tenant = tenant } : null;
    }

    // A claim of this name; else, where it has dots, a member of an object: realm_access.roles.
    private static IEnumerable<string> Values(JsonElement payload, string path, char? separator)
    {
        if (payload.TryGetProperty(path, out var plain))
            return Values(plain, separator);
        foreach (var name in path.Split('.'))
        {
            if (payload.ValueKind != JsonValueKind.Object || !payload.TryGetProperty(name, out payload))
                return [];
        }

        return Values(payload, separator);
    }

    // Several are in a text with spaces between them, or in a list: there one may have spaces of its own, as names of groups do.
    private static IEnumerable<string> Values(JsonElement claim, char? separator)
    {
        if (claim.ValueKind == JsonValueKind.Array)
            return claim.EnumerateArray().Select(TextOf).OfType<string>();
        if (TextOf(claim) is not { } text)
            return [];
        return separator is { } between ? text.Split(between, StringSplitOptions.RemoveEmptyEntries) : [text];
    }

    private static string? TextOf(JsonElement claim) => claim.ValueKind switch
    {
        JsonValueKind.String => claim.GetString(),
        JsonValueKind.Number => claim.GetRawText(),
        _ => null,
    };
}
