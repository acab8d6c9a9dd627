namespace K8sQueue.Api.Hosting;

/// <summary>The API's own settings, read from the environment. docs/reference/api.md lists them all.</summary>
internal sealed record ApiOptions
{
    public const string KeysFileVariable = "K8SQUEUE_API_KEYS_FILE";
    public const string KeysVariable = "K8SQUEUE_API_KEYS";
    public const string AnonymousVariable = "K8SQUEUE_API_ANONYMOUS";

    /// <summary>A file of lines of <see cref="Authentication.ApiKey.Parse"/>, read again when it changes.</summary>
    public string? KeysFile { get; init; }

    /// <summary>A comma list of the same.</summary>
    public string? Keys { get; init; }

    /// <summary>Whether requests need no key. The default value is false.</summary>
    public bool Anonymous { get; init; }

    public static ApiOptions From(IConfiguration configuration)
    {
        var anonymous = configuration[AnonymousVariable];
        return new ApiOptions
        {
            KeysFile = configuration.Text(KeysFileVariable),
            Keys = configuration.Text(KeysVariable),
            Anonymous = !string.IsNullOrEmpty(anonymous) && (bool.TryParse(anonymous, out var value)
                ? value
                : throw new ApiConfigurationException($"{AnonymousVariable} must be true or false, not '{anonymous}'.")),
        };
    }
}

/// <summary>The API must not start as it is configured; the message says which setting and what to do.</summary>
internal sealed class ApiConfigurationException(string message) : Exception(message);
