using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.Resources;

/// <summary>What a kind does beyond its schema. Objects are in the version of the request.</summary>
internal interface IResourceStrategy
{
    /// <summary>Before defaulting and validation of a new object: for example clears the status.</summary>
    void PrepareForCreate(JsonObject value);

    /// <summary>Before defaulting and validation of an update through the main resource.</summary>
    void PrepareForUpdate(JsonObject value, JsonObject old);

    /// <summary>Defaults that a schema can't express, and what is derived from other fields.</summary>
    void Default(JsonObject value);

    /// <summary>Rules of a new or an updated object.</summary>
    /// <param name="old">null at creation.</param>
    /// <param name="errors">Where to add what is wrong.</param>
    void Validate(JsonObject value, JsonObject? old, ICollection<FieldError> errors);

    /// <summary>Rules for callers outside this process: what only the server's own components may do.</summary>
    void ValidateUntrusted(JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
    }

    /// <summary>Anything to say to the caller beyond errors, such as a deprecation.</summary>
    IEnumerable<string> Warnings(JsonObject value) => [];
}

/// <summary>Nothing beyond the schema. Base of the others.</summary>
internal class DefaultStrategy : IResourceStrategy
{
    public virtual void PrepareForCreate(JsonObject value)
    {
    }

    public virtual void PrepareForUpdate(JsonObject value, JsonObject old)
    {
    }

    public virtual void Default(JsonObject value)
    {
    }

    public virtual void ValidateUntrusted(JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
    }

    public virtual void Validate(JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
    }
}
