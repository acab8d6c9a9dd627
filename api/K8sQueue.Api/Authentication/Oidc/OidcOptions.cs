using System.Globalization;
using System.Text.Json;
using K8sQueue.Api.Hosting;

namespace K8sQueue.Api.Authentication.Oidc;

/// <summary>Whose tokens are taken, and what they allow, read from the environment. docs/reference/api.md lists the settings.</summary>
internal sealed record OidcOptions
{
    public const string IssuerVariable = "K8SQUEUE_OIDC_ISSUER";
    public const string AudienceVariable = "K8SQUEUE_OIDC_AUDIENCE";
    public const string ClaimVariable = "K8SQUEUE_OIDC_CLAIM";
    public const string GrantsVariable = "K8SQUEUE_OIDC_GRANTS";
    public const string TenantClaimVariable = "K8SQUEUE_OIDC_TENANT_CLAIM";
    public const string ClockSkewVariable = "K8SQUEUE_OIDC_CLOCK_SKEW_SECONDS";
    public const string ClientIdVariable = "K8SQUEUE_OIDC_CLIENT_ID";
    public const string ClientSecretVariable = "K8SQUEUE_OIDC_CLIENT_SECRET";
    public const string ClientSecretFileVariable = ClientSecretVariable + SecretSetting.FileSuffix;
    public const string LoginScopesVariable = "K8SQUEUE_OIDC_LOGIN_SCOPES";

    public const string DefaultClaim = "k8squeue";
    public const string DefaultLoginScopes = "openid profile";
    public const int DefaultClockSkewSeconds = 30;
    public const int MaxClockSkewSeconds = 300;

    /// <summary>What a grant is that restricts nothing.</summary>
    public const string Everything = "*";

    /// <summary>The issuer's address, as it is in tokens; null where no tokens are taken.</summary>
    public string? Issuer { get; init; }

    /// <summary>The audience of tokens for the API; null where it takes none.</summary>
    public string? Audience { get; init; }

    /// <summary>The claim that says what a subject may; with dots for a member of an object. The default value is <see cref="DefaultClaim"/>.</summary>
    public string Claim { get; init; } = DefaultClaim;

    /// <summary>What values of the claim allow; null where they are scopes themselves.</summary>
    public IReadOnlyDictionary<string, KeyScope>? Grants { get; init; }

    /// <summary>The claim that has the subject's tenant; null for none.</summary>
    public string? TenantClaim { get; init; }

    /// <summary>How much clocks may differ. The default value is <see cref="DefaultClockSkewSeconds"/> seconds.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(DefaultClockSkewSeconds);

    /// <summary>The dashboard's client; null where it has no login by OpenID Connect.</summary>
    public string? ClientId { get; init; }

    /// <summary>Its secret; null for a public client, which PKCE protects alone.</summary>
    public SecretSetting? ClientSecret { get; init; }

    /// <summary>What a login asks for.</summary>
    public IReadOnlyList<string> LoginScopes { get; init; } = Split(DefaultLoginScopes);

    /// <summary>Whether the API takes tokens.</summary>
    public bool TakesTokens => Issuer is not null && Audience is not null;

    /// <summary>Whether the dashboard has a login by OpenID Connect.</summary>
    public bool HasLogin => Issuer is not null && ClientId is not null;

    /// <exception cref="ApiConfigurationException">A value can't be read, or something is missing.</exception>
    public static OidcOptions From(IConfiguration configuration)
    {
        var options = new OidcOptions
        {
            Issuer = configuration.Text(IssuerVariable) is { } issuer ? ReadIssuer(issuer) : null,
            Audience = configuration.Text(AudienceVariable),
            Claim = configuration.Text(ClaimVariable) ?? DefaultClaim,
            Grants = configuration.Text(GrantsVariable) is { } grants ? ReadGrants(grants) : null,
            TenantClaim = configuration.Text(TenantClaimVariable),
            ClockSkew = TimeSpan.FromSeconds(ReadClockSkew(configuration)),
            ClientId = configuration.Text(ClientIdVariable),
            ClientSecret = SecretSetting.From(configuration, ClientSecretVariable),
            LoginScopes = Split(configuration.Text(LoginScopesVariable) ?? DefaultLoginScopes),
        };
        if (options.Issuer is null && (options.Audience ?? options.ClientId) is not null)
            throw new ApiConfigurationException($"{AudienceVariable} and {ClientIdVariable} are for {IssuerVariable}, and that is not set.");
        if (options.Issuer is not null && (options.Audience ?? options.ClientId) is null)
            throw new ApiConfigurationException($"{IssuerVariable} is set: set {AudienceVariable} for tokens, {ClientIdVariable} for logins, or both.");
        if (!options.LoginScopes.Contains("openid", StringComparer.Ordinal))
            throw new ApiConfigurationException($"{LoginScopesVariable} must have 'openid'.");
        return options;
    }

    /// <summary>Whether the issuer may be reached without TLS: on this machine alone.</summary>
    public static bool IsLoopback(string issuer) => new Uri(issuer).IsLoopback;

    private static string ReadIssuer(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            && uri is { Query: "", Fragment: "", UserInfo: "" }
            ? text
            : throw new ApiConfigurationException($"{IssuerVariable} must be an https address such as https://login.example.com/realms/shop, not '{text}'.");

    private static Dictionary<string, KeyScope> ReadGrants(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.EnumerateObject().ToDictionary(grant => grant.Name, grant => ReadGrant(grant.Name, grant.Value.GetString()!), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new ApiConfigurationException(
                $"{GrantsVariable} must be an object in JSON of scopes by value, such as {{\"queue-admins\":\"{Everything}\",\"shop\":\"verbs=enqueue;queues=orders-*\"}}.");
        }
    }

    private static KeyScope ReadGrant(string name, string scopes)
    {
        try
        {
            return scopes == Everything ? KeyScope.Everything : KeyScope.Parse(scopes);
        }
        catch (FormatException e)
        {
            throw new ApiConfigurationException($"'{name}' of {GrantsVariable} {e.Message}; '{Everything}' allows everything.");
        }
    }

    private static int ReadClockSkew(IConfiguration configuration)
    {
        if (configuration.Text(ClockSkewVariable) is not { } text)
            return DefaultClockSkewSeconds;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= MaxClockSkewSeconds
            ? seconds
            : throw new ApiConfigurationException($"{ClockSkewVariable} must be a whole number from 0 to {MaxClockSkewSeconds}, not '{text}'.");
    }

    private static string[] Split(string list) => list.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
}
