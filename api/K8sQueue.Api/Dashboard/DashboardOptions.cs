using K8sQueue.Api.Hosting;

namespace K8sQueue.Api.Dashboard;

/// <summary>The dashboard's settings, read from the environment. docs/reference/dashboard.md lists them all.</summary>
internal sealed record DashboardOptions
{
    public const string SecretVariable = "K8SQUEUE_DASHBOARD_SECRET";
    public const string SecretFileVariable = SecretVariable + SecretSetting.FileSuffix;
    public const string MaskedFieldsVariable = "K8SQUEUE_DASHBOARD_MASKED_FIELDS";

    public const string UrlVariable = "K8SQUEUE_DASHBOARD_URL";
    public const string TraceUrlVariable = "K8SQUEUE_TRACE_URL";

    /// <summary>What stands in <see cref="TraceUrl"/> for a trace's id.</summary>
    public const string TraceIdPlace = "{traceId}";

    /// <summary>The shortest secret in bytes.</summary>
    public const int MinSecretBytes = 32;

    /// <summary>What <see cref="MaskedFields"/> are where nothing is said.</summary>
    public const string DefaultMaskedFields =
        "password, passwd, passphrase, secret, token, authorization, apikey, accesskey, privatekey, credential, cookie, connectionstring";

    /// <summary>What logins are protected with, the same for all replicas; null for a random one of this process.</summary>
    public SecretSetting? Secret { get; init; }

    /// <summary>Where browsers find the dashboard, without a slash at the end; null where requests say it.</summary>
    public string? Url { get; init; }

    /// <summary>Where a trace is shown, with <see cref="TraceIdPlace"/> for its id; null where traces are not led to.</summary>
    public string? TraceUrl { get; init; }

    /// <summary>Parts of the names of JSON members whose values are not shown.</summary>
    public IReadOnlyList<string> MaskedFields { get; init; } = Split(DefaultMaskedFields);

    /// <exception cref="ApiConfigurationException">A setting can't be read, or the secret is too short.</exception>
    public static DashboardOptions From(IConfiguration configuration) => new()
    {
        Secret = SecretSetting.From(configuration, SecretVariable, MinSecretBytes),
        Url = configuration.Text(UrlVariable) is { } url ? ReadUrl(url) : null,
        TraceUrl = configuration.Text(TraceUrlVariable) is { } traces ? ReadTraceUrl(traces) : null,
        MaskedFields = Split(configuration[MaskedFieldsVariable] ?? DefaultMaskedFields),
    };

    private static string ReadUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { Query: "", Fragment: "", UserInfo: "" }
            ? text.TrimEnd('/')
            : throw new ApiConfigurationException($"{UrlVariable} must be an address such as https://queue.example.com, not '{text}'.");

    private static string ReadTraceUrl(string text) =>
        text.Contains(TraceIdPlace, StringComparison.Ordinal)
            && Uri.TryCreate(text.Replace(TraceIdPlace, new string('0', 32), StringComparison.Ordinal), UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
            ? text
            : throw new ApiConfigurationException($"{TraceUrlVariable} must be an address such as https://tempo.example.com/trace/{TraceIdPlace}, not '{text}'.");

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
