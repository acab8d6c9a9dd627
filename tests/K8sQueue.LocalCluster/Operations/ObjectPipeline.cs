using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Admission;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>The steps that every object goes through before it is stored: types, unknown fields, defaults, validation, admission.</summary>
internal sealed class ObjectPipeline(SchemaValidator validator, AdmissionChain admission)
{
    /// <summary>Checks the types where kinds are decoded, prunes unknown members (or refuses them), and fills defaults.</summary>
    /// <exception cref="ClusterApiException">BadRequest.</exception>
    public static void Decode(ResourceEndpoint endpoint, JsonObject value, WriteOptions options)
    {
        var schema = endpoint.Version.Schema;
        if (!endpoint.Type.IsCustom && TypeChecker.FirstMismatch(schema, value) is { } mismatch)
            throw ApiErrors.BadRequest(Undecodable(endpoint, mismatch));
        var unknown = Pruner.Prune(schema, value);
        if (unknown.Count > 0 && options.FieldValidation == FieldValidation.Strict)
        {
            var all = string.Join(", ", unknown.Select(u => $"unknown field \"{u}\""));
            throw ApiErrors.BadRequest(Undecodable(endpoint, $"strict decoding error: {all}"));
        }

        if (options.FieldValidation == FieldValidation.Warn)
            options.Warnings.AddRange(unknown.Select(u => $"unknown field \"{u}\""));
        Defaulter.Default(schema, value);
        endpoint.Type.Strategy.Default(value);
    }

    /// <exception cref="ClusterApiException">Invalid, or what an admission validator says.</exception>
    public void Validate(ResourceEndpoint endpoint, JsonObject value, JsonObject? old, WriteOptions options)
    {
        var errors = new List<FieldError>();
        MetadataRules.Validate(endpoint, value, old, errors);
        // A rule may read the name.
        if (value.Name().Length > 0)
            validator.Validate(endpoint.Version.Schema, value, old, errors);
        if (errors.Count == 0 || !endpoint.Type.IsCustom)
            endpoint.Type.Strategy.Validate(value, old, errors);
        if (!options.Trusted)
            endpoint.Type.Strategy.ValidateUntrusted(value, old, errors);
        if (errors.Count > 0)
            throw ApiErrors.Invalid(endpoint.Type, value.Name(), errors);
        var operation = old is null ? AdmissionOperation.Create : AdmissionOperation.Update;
        admission.Validate(new AdmissionRequest(endpoint.Type.Resource, operation, options.Subresource, value, old, options.User));
        if (options.Subresource is null)
            options.Warnings.AddRange(endpoint.Type.Strategy.Warnings(value));
    }

    private static string Undecodable(ResourceEndpoint endpoint, string why) =>
        $"{endpoint.Type.Kind} in version \"{endpoint.Version.Name}\" cannot be handled as a {endpoint.Type.Kind}: {why}";

    public void ValidateDelete(ResourceEndpoint endpoint, JsonObject old) =>
        admission.Validate(new AdmissionRequest(endpoint.Type.Resource, AdmissionOperation.Delete, null, null, old, null));
}
