using K8sQueue.Api.Authentication.Oidc;
using K8sQueue.Api.Hosting;

namespace K8sQueue.Api.Authentication;

/// <summary>
/// The API's keys. Those of a file are read again every <see cref="Interval"/>; by content, since neither time stamps nor file
/// notifications tell reliably when Kubernetes swaps a mounted Secret. A file that became unreadable or malformed leaves the last good
/// keys in place and is logged; an empty one revokes them all.
/// </summary>
internal sealed partial class ApiKeyRing : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ApiKeyList _fixed;
    private readonly string? _file;
    private readonly KeyUses _uses;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private string _text = "";
    private string? _lastError;
    private volatile ApiKeyList _current;

    /// <exception cref="ApiConfigurationException">There are no keys, or they can't be read.</exception>
    public ApiKeyRing(ApiOptions options, OidcOptions oidc, KeyUses uses, TimeProvider time, ILogger<ApiKeyRing> logger)
    {
        _uses = uses;
        _time = time;
        _logger = logger;
        _file = options.KeysFile;
        _fixed = ApiKeyList.Parse(options.Keys ?? "", ApiOptions.KeysVariable, ',', '\n');
        _current = _fixed;
        if (_file is not null)
        {
            try
            {
                _text = File.ReadAllText(_file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ApiConfigurationException($"{ApiOptions.KeysFileVariable} can't be read: {e.Message}");
            }

            _current = _fixed.Concat(ApiKeyList.Parse(_text, _file, '\n'));
        }

        IsAnonymous = options.Anonymous;
        Require(options, oidc);
        if (IsAnonymous)
            Log.Anonymous(logger, ApiOptions.AnonymousVariable);
        else
            Log.Loaded(logger, _current.Count);
    }

    /// <summary>Whether requests need no key.</summary>
    public bool IsAnonymous { get; }

    /// <summary>Those that are good now.</summary>
    public IReadOnlyList<ApiKey> Keys => _current.Items;

    /// <summary>The key of this text, which is used so; null where there is none.</summary>
    public ApiKey? Find(string secret) => Use(_current.Find(secret));

    /// <summary>The key of this name whose SHA-256 begins so, which is used so; null where there is none.</summary>
    public ApiKey? Find(string name, ReadOnlySpan<byte> fingerprint) => Use(_current.Find(name, fingerprint));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_file is null)
            return;
        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await ReloadAsync(_file, stoppingToken);
    }

    private ApiKey? Use(ApiKey? key)
    {
        if (key is not null)
            _uses.Note(key.Name);
        return key;
    }

    private async Task ReloadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            var text = await File.ReadAllTextAsync(file, cancellationToken);
            if (text != _text)
            {
                _current = _fixed.Concat(ApiKeyList.Parse(text, file, '\n'));
                _text = text;
                Log.Loaded(_logger, _current.Count);
            }

            _lastError = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ApiConfigurationException)
        {
            if (_lastError != e.Message)
                Log.ReloadFailed(_logger, file, e.Message);
            _lastError = e.Message;
        }
    }

    private void Require(ApiOptions options, OidcOptions oidc)
    {
        if (options.Anonymous && (options.Keys ?? options.KeysFile ?? oidc.Issuer) is not null)
        {
            throw new ApiConfigurationException(
                $"{ApiOptions.AnonymousVariable}=true and API keys or {OidcOptions.IssuerVariable} are both configured; remove one: with the first, keys protect nothing.");
        }

        if (!options.Anonymous && oidc.Issuer is null && _current.Count == 0)
        {
            throw new ApiConfigurationException(
                $"No API keys are configured. `dotnet K8sQueue.Api.dll create-key NAME` makes one; put its line into the file that " +
                $"{ApiOptions.KeysFileVariable} names, or into {ApiOptions.KeysVariable}. " +
                $"{ApiOptions.AnonymousVariable}=true serves everybody without a key.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Count} API keys are good")]
        public static partial void Loaded(ILogger logger, int count);

        [LoggerMessage(2, LogLevel.Warning, "{Variable}=true: every request is served without a key")]
        public static partial void Anonymous(ILogger logger, string variable);

        [LoggerMessage(3, LogLevel.Error, "The API keys in {File} were not read again, the last good ones stay: {Reason}")]
        public static partial void ReloadFailed(ILogger logger, string file, string reason);
    }
}
