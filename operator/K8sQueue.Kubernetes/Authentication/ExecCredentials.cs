using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using K8sQueue.Kubernetes.Configuration;

namespace K8sQueue.Kubernetes.Authentication;

/// <summary>
/// Credentials from a plugin (client.authentication.k8s.io): one run at a time, kept until they expire or the server refuses them.
/// </summary>
internal sealed class ExecCredentials(ExecCredentialOptions options, TimeProvider time) : ICredentialSource, IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Credential? _credential;
    private DateTimeOffset? _expires;
    private volatile bool _stale;

    public async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_credential is not null && !_stale && (_expires is null || time.GetUtcNow() < _expires))
                return _credential;
            var status = await RunAsync(cancellationToken).ConfigureAwait(false);
            _credential = ToCredential(status);
            _expires = status.ExpirationTimestamp;
            _stale = false;
            return _credential;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Invalidate(Credential credential)
    {
        // Whoever was refused with an older one finds the renewed one.
        if (ReferenceEquals(credential, _credential))
            _stale = true;
    }

    public void Dispose() => _gate.Dispose();

    private Credential ToCredential(ExecCredentialStatus status)
    {
        if (string.IsNullOrEmpty(status.Token) && string.IsNullOrEmpty(status.ClientCertificateData))
            throw new KubeConfigException($"{options.Command} gave neither a token nor a certificate.");
        try
        {
            var certificate = string.IsNullOrEmpty(status.ClientCertificateData)
                ? null
                : ClientCertificates.FromPem(status.ClientCertificateData, status.ClientKeyData ?? "");
            return new Credential(status.Token, certificate);
        }
        catch (CryptographicException e)
        {
            throw new KubeConfigException($"{options.Command} gave a certificate that cannot be read: {e.Message}", e);
        }
    }

    private async Task<ExecCredentialStatus> RunAsync(CancellationToken cancellationToken)
    {
        var (exitCode, output, errors) = await ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (exitCode != 0)
            throw new KubeConfigException($"{options.Command} ended with {exitCode}: {errors.Trim()}");
        try
        {
            var answer = JsonSerializer.Deserialize(output, ExecJsonContext.Default.ExecCredential);
            if (answer?.Kind != "ExecCredential" || answer.ApiVersion != options.ApiVersion || answer.Status is null)
                throw new KubeConfigException($"{options.Command} answered with no ExecCredential of {options.ApiVersion}.");
            return answer.Status;
        }
        catch (JsonException e)
        {
            throw new KubeConfigException($"{options.Command} answered with no JSON: {e.Message}", e);
        }
    }

    private async Task<(int ExitCode, string Output, string Errors)> ExecuteAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var process = Start();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(linked.Token);
            var errors = process.StandardError.ReadToEndAsync(linked.Token);
            await Task.WhenAll(output, errors).ConfigureAwait(false);
            await process.WaitForExitAsync(linked.Token).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            if (cancellationToken.IsCancellationRequested)
                throw;
            throw new KubeConfigException($"{options.Command} gave no answer within {options.Timeout.TotalSeconds:0} s.", e);
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(options.Command)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in options.Arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in options.Environment)
            start.Environment[name] = value;
        start.Environment["KUBERNETES_EXEC_INFO"] = JsonSerializer.Serialize(
            new ExecCredential(options.ApiVersion, "ExecCredential", new ExecCredentialSpec(Interactive: false, options.Cluster), null),
            ExecJsonContext.Default.ExecCredential);
        try
        {
            return Process.Start(start) ?? throw new KubeConfigException($"{options.Command} could not be started.");
        }
        catch (Win32Exception e)
        {
            var hint = options.InstallHint is null ? "" : $" {options.InstallHint}";
            throw new KubeConfigException($"The exec plugin {options.Command} could not be started: {e.Message}.{hint}", e);
        }
    }
}
