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

    /// <summary>The name of a subject in logs and buckets; null where there is no subject. What is no visible ASCII is escaped, so that nobody writes lines of his own.</summary>
    public static string? NameOf(IEnumerable<Claim> claims)
    {
        if (claims.FirstOrDefault(claim => claim.Type == SubjectClaim)?.Value is not { Length: > 0 and <= MaxSubjectLength } subject)
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
    public static IReadOnlyList<KeyScope> Of(OidcOptions options, IReadOnlyCollection<Claim> claims)
    {
        var tenant = options.TenantClaim is { } name ? Values(claims, name).FirstOrDefault() ?? "" : null;
        var grants = new List<KeyScope>();
        foreach (var value in Values(claims, options.Claim).SelectMany(value => value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal))
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
    private static IEnumerable<string> Values(IReadOnlyCollection<Claim> claims, string path)
    {
        var plain = claims.Where(claim => claim.Type == path).Select(claim => claim.Value).ToList();
        if (plain.Count > 0 || path.Split('.', 2) is not [var first, var rest])
            return plain;
        return claims.Where(claim => claim.Type == first).SelectMany(claim => Members(claim.Value, rest.Split('.')));
    }

    private static string[] Members(string json, string[] path)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var element = document.RootElement;
            foreach (var name in path)
            {
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                    return [];
            }

            return element.ValueKind switch
            {
                JsonValueKind.String => [element.GetString()!],
                JsonValueKind.Array => [.. element.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
                _ => [],
            };
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
