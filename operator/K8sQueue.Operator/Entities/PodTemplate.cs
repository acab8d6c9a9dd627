using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

[Description("The pods: a PodTemplateSpec.")]
public sealed class PodTemplate
{
    [Description("Labels and annotations of the pods.")]
    public PodTemplateMetadata? Metadata { get; set; }

    [Required]
    [Description("The pods' spec; what is not declared here is validated by the API server when the Deployment is made.")]
    public PodTemplateSpec Spec { get; set; } = new();
}

[Description("Labels and annotations of the pods.")]
public sealed class PodTemplateMetadata
{
    [MaxLength(64)]
    [ValueMaxLength(63)]
    [Description("Labels.")]
    public Dictionary<string, string>? Labels { get; set; }

    [MaxLength(64)]
    [ValueMaxLength(16_384)]
    [Description("Annotations.")]
    public Dictionary<string, string>? Annotations { get; set; }
}

[PreserveUnknownFields]
[Description("A PodSpec.")]
public sealed class PodTemplateSpec
{
    [Required]
    [MinLength(1)]
    [MaxLength(16)]
    [ListKey("name")]
    [Description("The containers; the worker is the one named 'worker', or else the first.")]
    public List<PodTemplateContainer> Containers { get; set; } = [];

    [Range(0, 172_800)]
    [Description("Seconds between SIGTERM and SIGKILL; raised to drain.timeoutSeconds + 30 where it is less.")]
    public long? TerminationGracePeriodSeconds { get; set; }

    /// <summary>The other fields of the PodSpec, untouched.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

[PreserveUnknownFields]
[Description("A container.")]
public sealed class PodTemplateContainer
{
    [Required]
    [MinLength(1)]
    [MaxLength(63)]
    [Description("Its name.")]
    public string Name { get; set; } = "";

    [MaxLength(1024)]
    [Description("Its image.")]
    public string? Image { get; set; }

    /// <summary>The other fields of the Container, untouched.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}
