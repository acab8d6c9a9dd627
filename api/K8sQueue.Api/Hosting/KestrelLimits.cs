using K8sQueue.Api.Validation;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace K8sQueue.Api.Hosting;

/// <summary>What one client may take of the server: bytes, headers, and time.</summary>
internal static class KestrelLimits
{
    public static void Apply(KestrelServerOptions options)
    {
        options.AddServerHeader = false;

        // Above the limit of a job: the server reads on and drops the rest of a body that is somewhat too large, so that its sender
        // sees the problem document. Beyond this the connection is cut.
        options.Limits.MaxRequestBodySize = 8L * PayloadLimit.Of(options.ApplicationServices).JobBytes;
        options.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        options.Limits.MaxRequestHeaderCount = 64;
        options.Limits.MaxRequestLineSize = 4 * 1024;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        options.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        options.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        options.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
    }

    /// <summary>What <c>Microsoft.AspNetCore.HttpLogging</c> writes when its level is Information: neither bodies, headers nor queries.</summary>
    public static void ConfigureHttpLogging(HttpLoggingOptions options)
    {
        options.LoggingFields = HttpLoggingFields.RequestMethod | HttpLoggingFields.RequestPath
            | HttpLoggingFields.ResponseStatusCode | HttpLoggingFields.Duration;
        options.CombineLogs = true;
    }
}
