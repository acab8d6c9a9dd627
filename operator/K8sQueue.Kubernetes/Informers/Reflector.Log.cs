using Microsoft.Extensions.Logging;

namespace K8sQueue.Kubernetes.Informers;

internal sealed partial class Reflector<T>
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Listing {Plural} again: version {Version} is too old ({Reason}).")]
        public static partial void Relisting(ILogger logger, string plural, string version, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Listing or watching {Plural} failed; it is tried again.")]
        public static partial void ListFailed(ILogger logger, Exception exception, string plural);

        [LoggerMessage(3, LogLevel.Warning, "The watch of {Plural} failed; it goes on from where it was: {Reason}")]
        public static partial void WatchFailed(ILogger logger, string plural, string reason);

        [LoggerMessage(4, LogLevel.Warning, "The watch of {Plural} ended at once, with no event.")]
        public static partial void WatchTooShort(ILogger logger, string plural);

        [LoggerMessage(5, LogLevel.Information, "The server has no {Plural} of {ApiVersion}; asking again every {Seconds} s.")]
        public static partial void NotServed(ILogger logger, string plural, string apiVersion, double seconds);

        [LoggerMessage(6, LogLevel.Warning, "May not list {Plural}, and goes on without; asking again every {Seconds} s: {Reason}")]
        public static partial void Denied(ILogger logger, string plural, double seconds, string reason);

        [LoggerMessage(
            7, LogLevel.Error, "May not list {Plural} in the namespace {Namespace}, which is left alone until it may; asking again every {Seconds} s: {Reason}")]
        public static partial void Refused(ILogger logger, string plural, string @namespace, double seconds, string reason);
    }
}
