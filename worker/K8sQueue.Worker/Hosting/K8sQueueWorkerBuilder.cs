using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Handlers.Exec;
using K8sQueue.Worker.Handlers.Http;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Says which job types a worker runs, and with what.</summary>
public sealed class K8sQueueWorkerBuilder
{
    internal K8sQueueWorkerBuilder(IServiceCollection services) => Services = services;

    public IServiceCollection Services { get; }

    /// <summary>Runs jobs of a type by a class, which is made anew for each job in a scope of the job's own.</summary>
    /// <param name="type">The job type, or <c>*</c> for every type that has no handler of its own.</param>
    /// <param name="typeInfo">How the payload is read, from a JsonSerializerContext.</param>
    /// <param name="configure">Changes the handler's options.</param>
    public K8sQueueWorkerBuilder AddHandler<
        TPayload, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        string type, JsonTypeInfo<TPayload> typeInfo, Action<JobHandlerOptions>? configure = null)
        where THandler : class, IJobHandler<TPayload>
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        Services.TryAddScoped<THandler>();
        return Add(new TypedJobHandlerBinding<TPayload, THandler>(type, Options(type, configure), typeInfo));
    }

    /// <summary>Runs jobs of a type by a function, which reads <see cref="JobContext.Payload"/> itself.</summary>
    /// <inheritdoc cref="AddHandler{TPayload, THandler}"/>
    public K8sQueueWorkerBuilder AddHandler(
        string type, Func<JobContext, CancellationToken, Task> handler, Action<JobHandlerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(new RawJobHandlerBinding(type, Options(type, configure), (_, context, token) => handler(context, token)));
    }

    /// <summary>Runs jobs of a type by posting them to a URL.</summary>
    public K8sQueueWorkerBuilder AddHttpHandler(
        string type, HttpHandlerOptions options, Action<JobHandlerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        Services.AddKeyedSingleton(type, (s, _) => new HttpJobHandler(options, s.GetRequiredService<TimeProvider>()));
        return Add(new RawJobHandlerBinding(
            type,
            Options(type, configure, options.Timeout),
            (services, context, token) => services.GetRequiredKeyedService<HttpJobHandler>(type).HandleAsync(context, token)));
    }

    /// <summary>Runs jobs of a type by a command. Linux only.</summary>
    public K8sQueueWorkerBuilder AddExecHandler(
        string type, ExecHandlerOptions options, Action<JobHandlerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        Services.AddHostedService<ChildProcesses>();
        Services.AddKeyedSingleton(type, (s, _) => new ExecJobHandler(options, s.GetRequiredService<TimeProvider>()));
        return Add(new RawJobHandlerBinding(
            type,
            Options(type, configure, options.Timeout),
            (services, context, token) => services.GetRequiredKeyedService<ExecJobHandler>(type).HandleAsync(context, token)));
    }

    /// <summary>Runs jobs by URLs and commands, as <c>K8SQUEUE_HANDLERS</c> and its neighbours of docs/reference/worker.md say.</summary>
    /// <exception cref="WorkerConfigurationException">There are none, or one is wrong; the message names it.</exception>
    public K8sQueueWorkerBuilder AddHandlers(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        HandlerSettingsReader.AddConfigured(this, configuration);
        return this;
    }

    /// <summary>Runs a class around every handler, inside those that were added before it. It is made anew for each job, in the job's scope.</summary>
    public K8sQueueWorkerBuilder Use<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>()
        where TMiddleware : class, IJobMiddleware
    {
        Services.TryAddScoped<TMiddleware>();
        return Use(static (context, following, token) =>
            context.Services.GetRequiredService<TMiddleware>().InvokeAsync(context, following, token));
    }

    /// <summary>Runs a function around every handler, inside those that were added before it.</summary>
    public K8sQueueWorkerBuilder Use(Func<JobContext, JobStep, CancellationToken, Task> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        Services.AddSingleton(new JobMiddlewareBinding(middleware));
        return this;
    }

    private static JobHandlerOptions Options(string type, Action<JobHandlerOptions>? configure, TimeSpan? timeout = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(type);
        var options = new JobHandlerOptions { Timeout = timeout };
        configure?.Invoke(options);
        options.ThrowIfInvalid(type);
        return options;
    }

    private K8sQueueWorkerBuilder Add(JobHandlerBinding binding)
    {
        Services.AddSingleton(binding);
        return this;
    }
}
