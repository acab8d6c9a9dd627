namespace K8sQueue.Api.Dashboard.Login;

/// <summary>Where a login leads: to a page of this host and nowhere else.</summary>
internal static class ReturnAddress
{
    public const string LoginPath = "/login";
    public const string Parameter = "to";

    /// <summary>The login page that leads to <paramref name="address"/> afterwards.</summary>
    public static string LoginFor(string address) =>
        Local(address) == "/" ? LoginPath : $"{LoginPath}?{Parameter}={Uri.EscapeDataString(Local(address))}";

    /// <summary>The address where it is a path of this host, else the first page.</summary>
    public static string Local(string? address) => IsLocal(address) ? address! : "/";

    // Browsers take a backslash for a slash, and leave tabs and line breaks out: "/\t/host" is another host.
    private static bool IsLocal(string? address) =>
        address is ['/', ..] && address is not ['/', '/' or '\\', ..] && !address.Any(c => char.IsControl(c) || c == '\\')
        && !address.StartsWith(LoginPath, StringComparison.Ordinal);
}
