using System.Globalization;

namespace K8sQueue.Worker.Hosting.Check;

/// <summary>What <c>check</c> needs beside the queue's own settings.</summary>
internal sealed record CheckOptions(Uri Api, string ApiKey, string? CertificateFile, TimeSpan Timeout)
{
    public const string ApiVariable = "K8SQUEUE_CHECK_API";
    public const string ApiKeyVariable = "K8SQUEUE_CHECK_API_KEY";
    public const string CertificateFileVariable = "K8SQUEUE_CHECK_CERTIFICATE_FILE";
    public const string TimeoutVariable = "K8SQUEUE_CHECK_TIMEOUT_SECONDS";

    private const int DefaultTimeoutSeconds = 60;

    /// <exception cref="WorkerConfigurationException">A setting is missing or can't be read.</exception>
    public static CheckOptions From(IConfiguration environment)
    {
        var api = Required(environment, ApiVariable, "the address of the API, for example http://k8squeue-api:8080");
        var key = Required(environment, ApiKeyVariable, "an API key");
        if (!Uri.TryCreate(api.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new WorkerConfigurationException($"{ApiVariable} must be an http or https address, not '{api}'.");
        return new CheckOptions(address, key, WorkerEnvironment.Read(environment, CertificateFileVariable), ReadTimeout(environment));
    }

    private static string Required(IConfiguration environment, string name, string meaning) =>
        WorkerEnvironment.Read(environment, name) ?? throw new WorkerConfigurationException($"{name} is missing: set it to {meaning}.");

    private static TimeSpan ReadTimeout(IConfiguration environment)
    {
        var text = WorkerEnvironment.Read(environment, TimeoutVariable);
        if (text is null)
            return TimeSpan.FromSeconds(DefaultTimeoutSeconds);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new WorkerConfigurationException($"{TimeoutVariable} must be a whole number from 1 to 3600, not '{text}'.");
    }
}
