using System.Security.Cryptography;
using System.Text.Json;
using K8sQueue.Kubernetes.Configuration;

namespace K8sQueue.Kubernetes.Authentication;

/// <summary>
/// Credentials from a plugin (client.authentication.k8s.io): one run at a time for all who wait, kept until they expire or the server refuses
/// them. A run goes on though the request that began it was given up, and a failure is told for a while without another run.
/// </summary>
internal sealed class ExecCredentials(ExecCredentialOptions options, TimeProvider time) : ICredentialSource
{
    /// <summary>How long after a failure the plugin is left alone.</summary>
    public static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly ExecPlugin _plugin = new(options, time);
    private Task<Renewed>? _renewal;
    private long _endedAt;
    private Credential? _refused;

    public async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        Task<Renewed> renewal;
        lock (_gate)
        {
            if (_renewal is null || IsOver(_renewal))
                _renewal = RenewAsync();
            renewal = _renewal;
        }

        return (await renewal.WaitAsync(cancellationToken).ConfigureAwait(false)).Credential;
    }

    public void Invalidate(Credential credential)
    {
        // Whoever was refused with an older one finds the renewed one.
        lock (_gate)
            _refused = credential;
    }

    private bool IsOver(Task<Renewed> renewal)
    {
        if (!renewal.IsCompleted)
            return false;
        if (!renewal.IsCompletedSuccessfully)
            return time.GetElapsedTime(_endedAt) >= FailurePause;
#pragma warning disable RS0030 // It is completed.
        var (credential, expires) = renewal.Result;
#pragma warning restore RS0030
        return ReferenceEquals(credential, _refused) || (expires is not null && time.GetUtcNow() >= expires);
    }

    private async Task<Renewed> RenewAsync()
    {
        // Never on the thread of whoever holds the gate.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var status = Parse(await _plugin.RunAsync().ConfigureAwait(false));
            return new Renewed(ToCredential(status), status.ExpirationTimestamp);
        }
        finally
        {
            _endedAt = time.GetTimestamp();
        }
    }

    // What the plugin answered is a secret: no message here has any of it.
    private ExecCredentialStatus Parse(string output)
    {
        ExecCredential? answer;
        try
        {
            answer = JsonSerializer.Deserialize(output, ExecJsonContext.Default.ExecCredential);
        }
        catch (JsonException)
        {
            throw new KubeConfigException($"{options.Command} answered with no JSON.");
        }

        if (answer?.Kind != "ExecCredential" || answer.ApiVersion != options.ApiVersion || answer.Status is null)
            throw new KubeConfigException($"{options.Command} answered with no ExecCredential of {options.ApiVersion}.");
        return answer.Status;
    }

    private Credential ToCredential(ExecCredentialStatus status)
    {
        if (string.IsNullOrEmpty(status.Token) && string.IsNullOrEmpty(status.ClientCertificateData))
            throw new KubeConfigException($"{options.Command} gave neither a token nor a certificate.");
        try
        {
            return string.IsNullOrEmpty(status.ClientCertificateData)
                ? new Credential(status.Token, null)
                : ClientCertificates.ToCredential(status.Token, status.ClientCertificateData, status.ClientKeyData ?? "");
        }
        catch (CryptographicException)
        {
            throw new KubeConfigException($"{options.Command} gave a certificate that cannot be read, or not with its key.");
        }
    }

    private sealed record Renewed(Credential Credential, DateTimeOffset? Expires);
}
