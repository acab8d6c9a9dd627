using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Kubernetes.Tests.Controllers;

/// <summary>An operator of widgets over objects in memory.</summary>
public abstract class OperatorTestBase : IAsyncLifetime
{
    protected const string FinalizerName = "test.io/teardown";

    protected InMemoryKubernetes Kubernetes { get; } = new();

    protected WidgetController Controller { get; } = new();

    protected WidgetFinalizer Finalizer { get; } = new();

    protected IHost? Host { get; private set; }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (Host is null)
            return;
        await Host.StopAsync();
        Host.Dispose();
    }

    protected Task<V1Widget> CreateAsync(string name, params string[] finalizers) => CreateInAsync("shop", name, finalizers);

    protected Task<V1Widget> CreateInAsync(string @namespace, string name, params string[] finalizers) => Kubernetes.CreateAsync(
        new V1Widget
        {
            Metadata = new V1ObjectMeta { Name = name, Namespace = @namespace, Finalizers = finalizers.Length == 0 ? null : [.. finalizers] },
            Spec = new WidgetSpec { Size = 1 },
        },
        default);

    protected async Task StartAsync(
        bool finalizer = true,
        Action<OperatorOptions>? options = null,
        Action<ControllerBuilder<V1Widget>>? configure = null,
        ILoggerProvider? log = null,
        Action<IServiceCollection>? configureServices = null)
    {
        Host = Build(Controller, finalizer, options, configure, log, configureServices);
        await Host.StartAsync();
    }

    /// <summary>An operator process, not started.</summary>
    protected IHost Build(
        WidgetController controller,
        bool finalizer = false,
        Action<OperatorOptions>? options = null,
        Action<ControllerBuilder<V1Widget>>? configure = null,
        ILoggerProvider? log = null,
        Action<IServiceCollection>? configureServices = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.Services.AddSingleton<IKubernetesClient>(Kubernetes);
        builder.Services.AddSingleton(controller);
        builder.Services.AddSingleton(Finalizer);
        builder.Services.Configure<KubernetesClientOptions>(o => o.JsonContexts.Add(TestJsonContext.Default));
        var @operator = builder.Services.AddKubernetesOperator(options)
            .AddController<WidgetController, V1Widget>(c =>
            {
                c.Workers = 2;
                c.Owns<V1Deployment>();
                c.Watches<V1Pod>(p => p.Label("widget") is { } name ? [new NamespacedName(p.Metadata.Namespace!, name)] : []);
                configure?.Invoke(c);
            });
        if (finalizer)
            @operator.AddFinalizer<WidgetFinalizer, V1Widget>(FinalizerName);
        configureServices?.Invoke(builder.Services);
        return builder.Build();
    }
}
