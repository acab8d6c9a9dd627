using Microsoft.Extensions.Options;

namespace K8sQueue.Client;

/// <summary>Says every fault of <see cref="K8sQueueClientOptions"/> at once.</summary>
public sealed class K8sQueueClientOptionsValidator : IValidateOptions<K8sQueueClientOptions>
{
    private const int MaxRetries = 20;
    private const int MaxBulkJobs = 100_000;

    public ValidateOptionsResult Validate(string? name, K8sQueueClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(K8sQueueClientOptions options)
    {
        if (options.Address is not { IsAbsoluteUri: true } address || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
            yield return $"{nameof(options.Address)} is missing or not an http or https URL: set it to where the API is.";
        if (options.ApiKey is { } key && (key.Length == 0 || !key.All(IsPrintable)))
            yield return $"{nameof(options.ApiKey)} is empty, or has characters that no key has.";
        if (options.AttemptTimeout < TimeSpan.FromSeconds(0.1) || options.AttemptTimeout > TimeSpan.FromHours(1))
            yield return $"{nameof(options.AttemptTimeout)} must be 0.1 seconds to 1 hour, not {options.AttemptTimeout}.";
        if (options.MaxRetries is < 0 or > MaxRetries)
            yield return $"{nameof(options.MaxRetries)} must be 0 to {MaxRetries}, not {options.MaxRetries}.";
        if (options.RetryDelay < TimeSpan.Zero || options.RetryDelay > TimeSpan.FromMinutes(1))
            yield return $"{nameof(options.RetryDelay)} must be 0 to 1 minute, not {options.RetryDelay}.";
        if (options.MaxRetryDelay < options.RetryDelay || options.MaxRetryDelay > TimeSpan.FromHours(1))
            yield return $"{nameof(options.MaxRetryDelay)} must be {nameof(options.RetryDelay)} to 1 hour, not {options.MaxRetryDelay}.";
        if (options.BulkRequestJobs is < 1 or > MaxBulkJobs)
            yield return $"{nameof(options.BulkRequestJobs)} must be 1 to {MaxBulkJobs}, not {options.BulkRequestJobs}.";
        if (options.BulkLinger < TimeSpan.FromMilliseconds(10) || options.BulkLinger > TimeSpan.FromSeconds(4))
            yield return $"{nameof(options.BulkLinger)} must be 10 milliseconds to 4 seconds, not {options.BulkLinger}.";
    }

    private static bool IsPrintable(char c) => c is > ' ' and <= '~';
}
