using System.Globalization;

namespace K8sQueue.Operator.Push.Grpc;

/// <summary>The header <c>grpc-timeout</c>: at most eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    private const int MostDigits = 8;

    // A timer takes 49 days at most.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>False for what is none.</summary>
    public static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > MostDigits + 1
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        double? seconds = text[^1] switch
        {
            'H' => value * 3600.0,
            'M' => value * 60.0,
            'S' => value,
            'm' => value / 1e3,
            'u' => value / 1e6,
            'n' => value / 1e9,
            _ => null,
        };
        if (seconds is null)
            return false;
        timeout = TimeSpan.FromSeconds(Math.Min(seconds.Value, Longest.TotalSeconds));
        return true;
    }
}
