using System.Text.Json;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Handlers.Exec;
using K8sQueue.Worker.Handlers.Http;

namespace K8sQueue.Worker.Hosting;

/// <summary>One entry of <c>K8SQUEUE_HANDLERS</c>: exactly one of the first two.</summary>
internal sealed record HandlerSettings(
    HttpHandlerSettings? Http = null,
    ExecHandlerSettings? Exec = null,
    RetrySettings? Retry = null,
    int? Concurrency = null,
    bool CpuBound = false);

/// <summary>Attempts and backoff in place of the job's own.</summary>
internal sealed record RetrySettings(
    int? MaxAttempts = null,
    string? Backoff = null,
    double? DelaySeconds = null,
    double? MaxDelaySeconds = null,
    double? Jitter = null,
    IReadOnlyList<double>? DelaysSeconds = null);

internal sealed record HttpHandlerSettings(
    string? Url = null, double TimeoutSeconds = 30, double? CallTimeoutSeconds = null, int Retries = 2, bool AllowLinkLocal = false);

/// <summary>What every http handler has in common.</summary>
internal sealed record HttpHandlerDefaults(string? SigningSecret = null, bool AllowLinkLocal = false, string? SigningSecretFile = null)
{
    /// <exception cref="WorkerConfigurationException">A value is wrong; the message names the variable.</exception>
    public static HttpHandlerDefaults From(IConfiguration environment)
    {
        var secret = WorkerEnvironment.Read(environment, WorkerEnvironment.HttpSigningSecret);
        if (secret is { Length: < Handlers.Http.SigningSecret.MinLength })
            throw new WorkerConfigurationException($"{WorkerEnvironment.HttpSigningSecret} must have at least {Handlers.Http.SigningSecret.MinLength} characters.");
        return new HttpHandlerDefaults(
            secret,
            WorkerEnvironment.ReadFlag(environment, WorkerEnvironment.HttpAllowLinkLocal) ?? false,
            WorkerEnvironment.FileOf(environment, WorkerEnvironment.HttpSigningSecret));
    }
}

internal sealed record ExecHandlerSettings(IReadOnlyList<string>? Command = null, double TimeoutSeconds = 300);

/// <summary>Reads <c>K8SQUEUE_HANDLERS</c>.</summary>
internal static class HandlerSettingsReader
{
    private const string Shape =
        """{"<job type or *>": {"http": {"url": "http://..."}} or {"exec": {"command": ["program", "argument"]}}}""";

    private static readonly double MaxTimeoutSeconds = TimeSpan.FromDays(7).TotalSeconds;

    /// <summary>What <see cref="WorkerEnvironment.Handlers"/> and its neighbours say.</summary>
    /// <exception cref="WorkerConfigurationException">There are none, or one is wrong; the message names it.</exception>
    public static void AddConfigured(K8sQueueWorkerBuilder worker, IConfiguration environment)
    {
        var handlers = WorkerEnvironment.Read(environment, WorkerEnvironment.Handlers)
            ?? throw new WorkerConfigurationException(
                $"{WorkerEnvironment.Handlers} is missing: set it to JSON that says what runs which job type, for example "
                + """{"*": {"http": {"url": "http://localhost:8000/"}}}.""");
        worker.AddHandlers(handlers, HttpHandlerDefaults.From(environment));
    }

    /// <summary>Adds a handler an entry.</summary>
    /// <exception cref="WorkerConfigurationException">The text is wrong; the message names the entry.</exception>
    public static void AddHandlers(this K8sQueueWorkerBuilder worker, string json, HttpHandlerDefaults defaults)
    {
        foreach (var (type, settings) in Parse(json))
        {
            if (type.Length is 0 or > JobLimits.MaxTypeLength)
                throw Wrong($"a job type has 1 to {JobLimits.MaxTypeLength} characters, not '{type}'");
            switch (settings)
            {
                case { Http: { } http, Exec: null }:
                    worker.AddHttpHandler(type, ReadHttp(type, http, defaults), o => Configure(type, o, settings));
                    break;
                case { Exec: { } exec, Http: null }:
                    worker.AddExecHandler(type, ReadExec(type, exec), o => Configure(type, o, settings));
                    break;
                default:
                    throw Wrong($"'{type}' must have either \"http\" or \"exec\"");
            }
        }
    }

    private static Dictionary<string, HandlerSettings?> Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, WorkerJsonContext.Default.DictionaryStringHandlerSettings) is { Count: > 0 } settings
                ? settings
                : throw Wrong($"there is no handler. Expected {Shape}");
        }
        catch (JsonException e)
        {
            throw Wrong($"{e.Message} Expected {Shape}", e);
        }
    }

    private static void Configure(string type, JobHandlerOptions options, HandlerSettings settings)
    {
        if (settings.Concurrency < 1)
            throw Wrong($"concurrency of '{type}' must be at least 1, not {settings.Concurrency}");
        options.MaxConcurrency = settings.Concurrency;
        options.CpuBound = settings.CpuBound;
        if (settings.Retry is { } retry)
            options.Retry = ReadRetry(type, retry);
    }

    private static RetryPolicy ReadRetry(string type, RetrySettings settings)
    {
        var basis = RetryPolicy.Default;
        try
        {
            var delay = settings.DelaySeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : basis.Delay;
            var policy = new RetryPolicy
            {
                MaxAttempts = settings.MaxAttempts ?? basis.MaxAttempts,
                Backoff = settings.Backoff switch
                {
                    null or "exponential" => BackoffKind.Exponential,
                    "fixed" => BackoffKind.Fixed,
                    "custom" => BackoffKind.Custom,
                    var other => throw new ArgumentException($"backoff must be exponential, fixed or custom, not '{other}'."),
                },
                Delays = [.. (settings.DelaysSeconds ?? []).Select(seconds => TimeSpan.FromSeconds(seconds))],
                Delay = delay,
                MaxDelay = settings.MaxDelaySeconds is { } most ? TimeSpan.FromSeconds(most) : delay > basis.MaxDelay ? delay : basis.MaxDelay,
                Jitter = settings.Jitter ?? basis.Jitter,
            };
            if ((policy.Backoff == BackoffKind.Custom) != (policy.Delays.Count > 0))
                throw new ArgumentException("delaysSeconds goes with the backoff custom, and with no other.");
            policy.ThrowIfInvalid();
            return policy;
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            throw Wrong($"retry of '{type}': {e.Message}", e);
        }
    }

    private static HttpHandlerOptions ReadHttp(string type, HttpHandlerSettings settings, HttpHandlerDefaults defaults)
    {
        if (!Uri.TryCreate(settings.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw Wrong($"http.url of '{type}' must be an http or https URL, not '{settings.Url}'");
        if (url.UserInfo.Length > 0)
            throw Wrong($"http.url of '{type}' must not hold a user or a password");
        if (settings.Retries is < 0 or > 10)
            throw Wrong($"http.retries of '{type}' must be 0 to 10, not {settings.Retries}");
        return new HttpHandlerOptions
        {
            Url = url,
            Timeout = ReadTimeout(type, "http.timeoutSeconds", settings.TimeoutSeconds),
            CallTimeout = settings.CallTimeoutSeconds is { } seconds ? ReadCallTimeout(type, seconds) : null,
            Retries = settings.Retries,
            SigningSecret = defaults.SigningSecret,
            SigningSecretFile = defaults.SigningSecretFile,
            AllowLinkLocal = settings.AllowLinkLocal || defaults.AllowLinkLocal,
        };
    }

    private static ExecHandlerOptions ReadExec(string type, ExecHandlerSettings settings)
    {
        if (settings.Command is not { Count: > 0 } command || string.IsNullOrEmpty(command[0]))
            throw Wrong($"exec.command of '{type}' must name a program");
        if (command.Any(argument => argument is null || argument.Contains('\0', StringComparison.Ordinal)))
            throw Wrong($"exec.command of '{type}' must be strings without a null character");
        if (!CommandPath.Exists(command[0]))
            throw Wrong($"exec.command of '{type}': there is no program '{command[0]}'");
        return new ExecHandlerOptions { Command = command, Timeout = ReadTimeout(type, "exec.timeoutSeconds", settings.TimeoutSeconds) };
    }

    // Polly's bounds.
    private static TimeSpan ReadCallTimeout(string type, double seconds) => seconds is >= 0.01 and <= 86_400
        ? TimeSpan.FromSeconds(seconds)
        : throw Wrong($"http.callTimeoutSeconds of '{type}' must be 0.01 to 86400, not {seconds}");

    private static TimeSpan ReadTimeout(string type, string name, double seconds) => seconds > 0 && seconds <= MaxTimeoutSeconds
        ? TimeSpan.FromSeconds(seconds)
        : throw Wrong($"{name} of '{type}' must be above 0 and at most {MaxTimeoutSeconds}, not {seconds}");

    private static WorkerConfigurationException Wrong(string what, Exception? cause = null)
    {
        var message = $"{WorkerEnvironment.Handlers}: {what.TrimEnd('.')}.";
        return cause is null ? new WorkerConfigurationException(message) : new WorkerConfigurationException(message, cause);
    }
}
