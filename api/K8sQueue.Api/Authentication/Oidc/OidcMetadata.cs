using K8sQueue.Api.Hosting;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace K8sQueue.Api.Authentication.Oidc;

/// <summary>
/// What the issuer says of itself, its keys among it. They are read when they are first needed, again twice a day, and soon after a token comes of a key
/// that is not known. Once read they are good while the issuer is down. Whoever asks within <see cref="Freshness"/> shares one read, failures too.
/// </summary>
internal sealed partial class OidcMetadata : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    /// <summary>How long the issuer gets to answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>So often tokens of unknown keys have the keys read again, at most: anybody can send such tokens.</summary>
    public static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(10);

    private readonly string _issuer;
    private readonly ILogger _logger;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout, MaxResponseContentBufferSize = 1 << 20 };
    private readonly ConfigurationManager<OpenIdConnectConfiguration> _manager;
    private readonly SharedRead<OpenIdConnectConfiguration> _shared;
    private volatile string? _fault;

    public OidcMetadata(OidcOptions options, TimeProvider time, ILogger<OidcMetadata> logger)
    {
        _issuer = options.Issuer ?? throw new InvalidOperationException("There is no issuer.");
        _logger = logger;
        _manager = new ConfigurationManager<OpenIdConnectConfiguration>(
            $"{_issuer.TrimEnd('/')}/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever(_http) { RequireHttps = !OidcOptions.IsLoopback(_issuer) })
        {
            RefreshInterval = LeastInterval,
        };
        _shared = new SharedRead<OpenIdConnectConfiguration>(ReadAsync, Freshness, time);
    }

    /// <exception cref="OidcUnavailableException">The issuer's keys were never read, and can't be now.</exception>
    public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel) => _shared.GetAsync().WaitAsync(cancel);

    public void RequestRefresh() => _manager.RequestRefresh();

    public void Dispose() => _http.Dispose();

    private async Task<OpenIdConnectConfiguration> ReadAsync()
    {
        try
        {
            var found = await _manager.GetConfigurationAsync(CancellationToken.None);
            if (found.Issuer?.TrimEnd('/') != _issuer.TrimEnd('/'))
                throw new OidcUnavailableException($"The issuer at {_issuer} says that it is '{found.Issuer}': correct {OidcOptions.IssuerVariable}.");
            if (_fault is not null)
                Log.Back(_logger, _issuer);
            _fault = null;
            return found;
        }
        catch (Exception e)
        {
            var fault = e is OidcUnavailableException ? e.Message : $"The keys of the issuer {_issuer} can't be read: {Innermost(e)}";
            if (_fault is null)
                Log.Unavailable(_logger, fault);
            _fault = fault;
            throw new OidcUnavailableException(fault);
        }
    }

    private static string Innermost(Exception e) => e.GetBaseException().Message;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Fault} Tokens are refused until they can, API keys are good")]
        public static partial void Unavailable(ILogger logger, string fault);

        [LoggerMessage(2, LogLevel.Information, "The keys of the issuer {Issuer} were read")]
        public static partial void Back(ILogger logger, string issuer);
    }
}

/// <summary>The issuer's keys are not known, so nobody can tell whether a token is good.</summary>
internal sealed class OidcUnavailableException(string message) : Exception(message);
