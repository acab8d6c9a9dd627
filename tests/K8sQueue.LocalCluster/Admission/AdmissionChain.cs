namespace K8sQueue.LocalCluster.Admission;

/// <summary>The registered validators, resolved on first use, since they may themselves need the API that calls them.</summary>
internal sealed class AdmissionChain
{
    private readonly Lazy<IReadOnlyList<IAdmissionValidator>> _validators;

    public AdmissionChain(IServiceProvider services) => _validators = new(() => [.. services.GetServices<IAdmissionValidator>()]);

    public AdmissionChain(params IReadOnlyList<IAdmissionValidator> validators) => _validators = new(() => validators);

    public void Validate(AdmissionRequest request)
    {
        foreach (var validator in _validators.Value)
            validator.Validate(request);
    }
}
