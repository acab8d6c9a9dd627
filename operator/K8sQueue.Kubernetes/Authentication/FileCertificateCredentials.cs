namespace K8sQueue.Kubernetes.Authentication;

/// <summary>A client certificate and its key in files that somebody renews; with a token beside it where there is one.</summary>
internal sealed class FileCertificateCredentials(FileValue<Credential> certificate, ICredentialSource token) : ICredentialSource
{
    private readonly Lock _gate = new();
    private Credential? _token;
    private Credential? _certificate;
    private Credential? _both;

    public static FileCertificateCredentials Create(string certificatePath, string keyPath, ICredentialSource token, TimeProvider time) => new(
        new FileValue<Credential>(
            [certificatePath, keyPath], static texts => ClientCertificates.ToCredential(null, texts[0], texts[1]), time),
        token);

    public async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        var bearer = await token.GetAsync(cancellationToken).ConfigureAwait(false);
        var pair = certificate.Get();
        lock (_gate)
        {
            if (_both is null || !ReferenceEquals(bearer, _token) || !ReferenceEquals(pair, _certificate))
                (_token, _certificate, _both) = (bearer, pair, pair with { Token = bearer.Token });
            return _both;
        }
    }

    public void Invalidate(Credential credential)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(credential, _both))
                return;
            certificate.Invalidate(_certificate!);
            token.Invalidate(_token!);
        }
    }
}
