using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace K8sQueue.Worker.Handlers;

/// <summary>A job type and what runs its jobs.</summary>
internal abstract class JobHandlerBinding(string type, JobHandlerOptions options)
{
    /// <summary>The binding that takes every type that has no other.</summary>
    public const string CatchAll = "*";

    public string Type { get; } = type;

    public JobHandlerOptions Options { get; } = options;

    /// <param name="services">The host's; the job's own are in the context.</param>
    public abstract Task InvokeAsync(IServiceProvider services, JobContext context, CancellationToken cancellationToken);
}

/// <summary>A handler class with a typed payload, made in a scope of the job's own.</summary>
internal sealed class TypedJobHandlerBinding<
    TPayload, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
    string type, JobHandlerOptions options, JsonTypeInfo<TPayload> typeInfo) : JobHandlerBinding(type, options)
    where THandler : class, IJobHandler<TPayload>
{
    public override Task InvokeAsync(IServiceProvider services, JobContext context, CancellationToken cancellationToken)
    {
        var payload = Read(context);
        return context.Services.GetRequiredService<THandler>().HandleAsync(payload, context, cancellationToken);
    }

    private TPayload Read(JobContext context)
    {
        try
        {
            return JsonSerializer.Deserialize(context.Payload.Span, typeInfo)
                ?? throw new UnrecoverableJobException($"The payload of a '{context.Type}' job must not be null.");
        }
        catch (JsonException e)
        {
            throw new UnrecoverableJobException(
                $"The payload of a '{context.Type}' job is not a {typeof(TPayload).Name}: {e.Message}", e);
        }
    }
}

/// <summary>Code that takes the payload as it is.</summary>
internal sealed class RawJobHandlerBinding(
    string type, JobHandlerOptions options, Func<IServiceProvider, JobContext, CancellationToken, Task> handler)
    : JobHandlerBinding(type, options)
{
    public override Task InvokeAsync(IServiceProvider services, JobContext context, CancellationToken cancellationToken) =>
        handler(services, context, cancellationToken);
}
