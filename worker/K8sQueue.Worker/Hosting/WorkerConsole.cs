namespace K8sQueue.Worker.Hosting;

/// <summary>How the program logs: one line an event, as text or as JSON.</summary>
internal static class WorkerConsole
{
    private const string TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";

    /// <exception cref="WorkerConfigurationException">The format is neither.</exception>
    public static ILoggingBuilder AddWorkerConsole(this ILoggingBuilder logging, IConfiguration environment) =>
        WorkerEnvironment.Read(environment, WorkerEnvironment.LogFormat) switch
        {
            null or "text" => logging.AddSimpleConsole(o =>
            {
                o.SingleLine = true;
                o.IncludeScopes = true;
                o.UseUtcTimestamp = true;
                o.TimestampFormat = TimestampFormat;
            }),
            "json" => logging.AddJsonConsole(o =>
            {
                o.IncludeScopes = true;
                o.UseUtcTimestamp = true;
                o.TimestampFormat = TimestampFormat.TrimEnd();
            }),
            var other => throw new WorkerConfigurationException($"{WorkerEnvironment.LogFormat} must be text or json, not '{other}'."),
        };
}
