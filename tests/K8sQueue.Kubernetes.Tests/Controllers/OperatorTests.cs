using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.LeaderElection;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Kubernetes.Tests.Controllers;

public sealed class OperatorTests : IAsyncLifetime
{
    private const string Finalizer = "test.io/teardown";

    private readonly InMemoryKubernetes _kubernetes = new();
    private readonly WidgetController _controller = new();
    private readonly WidgetFinalizer _finalizer = new();
    private IHost? _host;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_host is null)
            return;
        await _host.StopAsync();
        _host.Dispose();
    }

    [Fact]
    public async Task Entities_that_are_there_and_that_come_are_reconciled()
    {
        await CreateAsync("early");
        await StartAsync();
        await CreateAsync("late");

        await Eventually.IsTrue(() => _controller.Reconciled.Contains("early") && _controller.Reconciled.Contains("late"));
    }

    [Fact]
    public async Task An_exception_and_a_failure_are_tried_again_and_others_go_on()
    {
        var failures = 3;
        _controller.OnReconcile = widget => widget.Metadata.Name == "bad" && failures-- > 0
            ? failures % 2 == 0 ? throw new InvalidOperationException("broken") : ReconciliationResult<V1Widget>.Failure(widget, "not yet")
            : ReconciliationResult<V1Widget>.Success(widget);
        await StartAsync();
        await CreateAsync("bad");
        await CreateAsync("good");

        await Eventually.IsTrue(() => _controller.Reconciled.Contains("good") && _controller.Reconciled.Count(n => n == "bad") == 4);
    }

    [Fact]
    public async Task A_success_with_a_requeue_comes_again_though_its_status_was_written()
    {
        _controller.OnReconcile = widget => ReconciliationResult<V1Widget>.Success(widget, TimeSpan.FromMilliseconds(50));
        await StartAsync();
        await CreateAsync("one");

        await Eventually.IsTrue(() => _controller.Reconciled.Count >= 3);
    }

    [Fact]
    public async Task What_the_controller_changes_is_its_own_copy()
    {
        _controller.OnReconcile = widget =>
        {
            widget.Spec.Size.Should().Be(1);
            widget.Spec.Size = 99;
            return ReconciliationResult<V1Widget>.Success(widget, TimeSpan.FromMilliseconds(20));
        };
        await StartAsync();
        await CreateAsync("one");

        await Eventually.IsTrue(() => _controller.Reconciled.Count >= 3);
        _controller.Failure.Should().BeNull();
    }

    [Fact]
    public async Task A_change_of_an_owned_object_reconciles_its_owner()
    {
        await StartAsync(finalizer: false);
        var owner = await CreateAsync("one");
        await Eventually.IsTrue(() => _controller.Reconciled.Count == 1);

        await _kubernetes.CreateAsync(
            new V1Deployment { Metadata = new V1ObjectMeta { Name = "child", Namespace = "shop", OwnerReferences = [owner.ToControllerReference()] } }, default);
        await _kubernetes.CreateAsync(new V1Deployment { Metadata = new V1ObjectMeta { Name = "foreign", Namespace = "shop" } }, default);

        await Eventually.IsTrue(() => _controller.Reconciled.Count == 2);
        _controller.Reconciled.Should().OnlyContain(n => n == "one");
    }

    [Fact]
    public async Task A_watched_object_that_moves_reconciles_both_of_those_it_maps_to()
    {
        await StartAsync(finalizer: false);
        await CreateAsync("one");
        await CreateAsync("two");
        await Eventually.IsTrue(() => _controller.Reconciled.Count == 2);
        var pod = await _kubernetes.CreateAsync(Pod("one"), default);
        await Eventually.IsTrue(() => _controller.Reconciled.Count == 3);

        pod.Metadata.Labels!["widget"] = "two";
        await _kubernetes.ReplaceAsync(pod, default);

        await Eventually.IsTrue(() => _controller.Reconciled.Count == 5);
        _controller.Reconciled.Skip(3).Should().BeEquivalentTo("one", "two");
    }

    [Fact]
    public async Task A_deleted_entity_is_told_once_and_one_remade_at_once_is_another()
    {
        await StartAsync(finalizer: false);
        var first = await CreateAsync("one");
        await Eventually.IsTrue(() => _controller.Reconciled.Count == 1);

        await _kubernetes.DeleteAsync<V1Widget>("one", "shop", null, default);
        await CreateAsync("one");

        await Eventually.IsTrue(() => _controller.Reconciled.Count >= 2);
        _controller.Deleted.Should().Equal(first.Metadata.Uid);
    }

    [Fact]
    public async Task The_finalizer_is_put_on_before_the_first_reconciliation_and_runs_before_the_entity_goes()
    {
        _controller.OnReconcile = widget =>
        {
            widget.Metadata.Finalizers.Should().Equal(Finalizer);
            return ReconciliationResult<V1Widget>.Success(widget);
        };
        await StartAsync();
        await CreateAsync("one");
        await Eventually.IsTrue(() => !_controller.Reconciled.IsEmpty);
        _controller.Failure.Should().BeNull();

        await _kubernetes.DeleteAsync<V1Widget>("one", "shop", null, default);

        await Eventually.IsTrue(() => _controller.Deleted.Count == 1);
        _finalizer.Calls.Should().Be(1);
        (await _kubernetes.GetAsync<V1Widget>("one", "shop", default)).Should().BeNull();
    }

    [Fact]
    public async Task A_finalizer_that_is_not_ready_stays_and_is_called_again()
    {
        _finalizer.OnFinalize = (widget, call) => call switch
        {
            1 => ReconciliationResult<V1Widget>.Success(widget, TimeSpan.FromMilliseconds(20)),
            2 => ReconciliationResult<V1Widget>.Failure(widget, "not yet"),
            _ => ReconciliationResult<V1Widget>.Success(widget),
        };
        await StartAsync();
        await CreateAsync("one");
        await Eventually.IsTrue(() => !_controller.Reconciled.IsEmpty);

        await _kubernetes.DeleteAsync<V1Widget>("one", "shop", null, default);

        await Eventually.IsTrue(() => _controller.Deleted.Count == 1);
        _finalizer.Calls.Should().Be(3);
    }

    [Fact]
    public async Task Finalizers_of_others_come_before_ours_and_neither_block_it_nor_go_with_it()
    {
        await StartAsync();
        await CreateAsync("one", "other.io/first", "other.io/second");
        await Eventually.IsTrue(() => !_controller.Reconciled.IsEmpty);

        await _kubernetes.DeleteAsync<V1Widget>("one", "shop", null, default);

        await Eventually.IsTrue(async () => await FinalizersAsync() is ["other.io/first", "other.io/second"]);
        _finalizer.Calls.Should().Be(1);
    }

    [Fact]
    public async Task A_finalizer_is_put_on_though_the_cached_entity_is_outdated()
    {
        var raced = false;
        _kubernetes.BeforeCall = async verb =>
        {
            if (verb != "patch" || raced)
                return;
            raced = true;
            var live = (await _kubernetes.GetAsync<V1Widget>("one", "shop", default))!;
            live.Metadata.Finalizers = ["other.io/first"];
            await _kubernetes.ReplaceAsync(live, default);
        };
        await StartAsync();
        await CreateAsync("one");

        await Eventually.IsTrue(async () => await FinalizersAsync() is ["other.io/first", Finalizer]);
    }

    [Fact]
    public async Task An_entity_that_is_already_going_gets_no_finalizer()
    {
        await CreateAsync("one", "other.io/first");
        await _kubernetes.DeleteAsync<V1Widget>("one", "shop", null, default);
        await StartAsync();
        await CreateAsync("two");
        await Eventually.IsTrue(() => _controller.Reconciled.Contains("two"));

        (await FinalizersAsync()).Should().Equal("other.io/first");
        _controller.Reconciled.Should().NotContain("one");
        _finalizer.Calls.Should().Be(0);
    }

    [Fact]
    public async Task Changes_that_the_filter_refuses_are_not_reconciled()
    {
        await StartAsync(finalizer: false, configure: c => c.ChangeFilter = (before, after) => before.Spec.Size != after.Spec.Size);
        var widget = await CreateAsync("one");
        await Eventually.IsTrue(() => _controller.Reconciled.Count == 1);

        widget.Status = new WidgetStatus { Seen = 1 };
        widget = await _kubernetes.ReplaceAsync(widget, default);
        widget.Spec.Size = 7;
        await _kubernetes.ReplaceAsync(widget, default);

        await Eventually.IsTrue(() => _controller.Sizes.Contains(7));
        _controller.Reconciled.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_stop_lets_a_running_reconciliation_end()
    {
        var release = new TaskCompletionSource();
        _controller.Gate = release.Task;
        await StartAsync();
        await CreateAsync("one");
        await Eventually.IsTrue(() => _controller.Running == 1);

        var stop = _host!.StopAsync();
        stop.IsCompleted.Should().BeFalse();
        release.SetResult();
        await stop;

        _controller.Reconciled.Should().Equal("one");
        _controller.Cancelled.Should().Be(0);
    }

    [Fact]
    public async Task A_reconciliation_that_does_not_end_in_time_for_a_stop_is_cancelled()
    {
        _controller.Gate = new TaskCompletionSource().Task;
        await StartAsync(options: o => o.GracefulStopTimeout = TimeSpan.FromMilliseconds(100));
        await CreateAsync("one");
        await Eventually.IsTrue(() => _controller.Running == 1);

        await _host!.StopAsync();

        _controller.Cancelled.Should().Be(1);
    }

    [Fact]
    public async Task Controllers_run_only_while_the_process_leads_and_the_lease_is_given_back_at_the_end()
    {
        await StartAsync(options: o => o.LeaderElection = new LeaderElectionOptions { LeaseName = "lease", LeaseNamespace = "system", Identity = "me" });
        await CreateAsync("one");
        await Eventually.IsTrue(() => !_controller.Reconciled.IsEmpty);
        var status = _host!.Services.GetRequiredService<OperatorStatus>();
        status.IsLeading.Should().BeTrue();
        status.HasSynced.Should().BeTrue();
        (await _kubernetes.GetAsync<V1Lease>("lease", "system", default))!.Spec!.HolderIdentity.Should().Be("me");

        await _host.StopAsync();

        status.IsLeading.Should().BeFalse();
        (await _kubernetes.GetAsync<V1Lease>("lease", "system", default))!.Spec!.HolderIdentity.Should().BeEmpty();
    }

    [Fact]
    public async Task Nothing_is_reconciled_while_another_leads_though_the_caches_are_full()
    {
        await _kubernetes.CreateAsync(
            new V1Lease
            {
                Metadata = new V1ObjectMeta { Name = "lease", Namespace = "system" },
                Spec = new V1LeaseSpec { HolderIdentity = "other", LeaseDurationSeconds = 3600 },
            },
            default);
        await StartAsync(options: o => o.LeaderElection = new LeaderElectionOptions { LeaseName = "lease", LeaseNamespace = "system" });
        await CreateAsync("one");
        var status = _host!.Services.GetRequiredService<OperatorStatus>();
        await Eventually.IsTrue(() => status.HasSynced);

        status.IsLeading.Should().BeFalse();
        _controller.Reconciled.Should().BeEmpty();
    }

    [Fact]
    public async Task Caches_that_do_not_fill_end_the_process_and_say_which()
    {
        _kubernetes.BeforeCall = verb => verb == "list" ? throw new KubernetesApiException("no") : Task.CompletedTask;
        var log = new CapturingLoggerProvider();

        await StartAsync(options: o => o.CacheSyncTimeout = TimeSpan.FromMilliseconds(100), log: log);
        await Eventually.IsTrue(() => _host!.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);

        log.Exceptions.OfType<TimeoutException>().Should().Contain(e => e.Message.Contains("widgets"));
        Environment.ExitCode = 0;
    }

    private static V1Pod Pod(string widget) => new()
    {
        Metadata = new V1ObjectMeta { Name = "pod", Namespace = "shop", Labels = new Dictionary<string, string> { ["widget"] = widget } },
    };

    private async Task<List<string>?> FinalizersAsync() =>
        (await _kubernetes.GetAsync<V1Widget>("one", "shop", default))!.Metadata.Finalizers;

    private Task<V1Widget> CreateAsync(string name, params string[] finalizers) => _kubernetes.CreateAsync(
        new V1Widget
        {
            Metadata = new V1ObjectMeta { Name = name, Namespace = "shop", Finalizers = finalizers.Length == 0 ? null : [.. finalizers] },
            Spec = new WidgetSpec { Size = 1 },
        },
        default);

    private async Task StartAsync(
        bool finalizer = true,
        Action<OperatorOptions>? options = null,
        Action<ControllerBuilder<V1Widget>>? configure = null,
        ILoggerProvider? log = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.Services.AddSingleton<IKubernetesClient>(_kubernetes);
        builder.Services.AddSingleton(_controller);
        builder.Services.AddSingleton(_finalizer);
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
            @operator.AddFinalizer<WidgetFinalizer, V1Widget>(Finalizer);
        _host = builder.Build();
        await _host.StartAsync();
    }

    private sealed class WidgetFinalizer : IEntityFinalizer<V1Widget>
    {
        private int _calls;

        public int Calls => _calls;

        public Func<V1Widget, int, ReconciliationResult<V1Widget>> OnFinalize { get; set; } = (w, _) => ReconciliationResult<V1Widget>.Success(w);

        public Task<ReconciliationResult<V1Widget>> FinalizeAsync(V1Widget entity, CancellationToken cancellationToken) =>
            Task.FromResult(OnFinalize(entity, Interlocked.Increment(ref _calls)));
    }

    private sealed class WidgetController : IEntityController<V1Widget>
    {
        private int _running;

        public ConcurrentQueue<string> Reconciled { get; } = new();

        public ConcurrentQueue<int?> Sizes { get; } = new();

        public ConcurrentQueue<string?> Deleted { get; } = new();

        public Exception? Failure { get; private set; }

        public int Running => _running;

        public int Cancelled { get; private set; }

        public Task Gate { get; set; } = Task.CompletedTask;

        public Func<V1Widget, ReconciliationResult<V1Widget>> OnReconcile { get; set; } = w => ReconciliationResult<V1Widget>.Success(w);

        public async Task<ReconciliationResult<V1Widget>> ReconcileAsync(V1Widget entity, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _running);
            try
            {
                await Gate.WaitAsync(cancellationToken);
                Reconciled.Enqueue(entity.Metadata.Name!);
                Sizes.Enqueue(entity.Spec.Size);
                return OnReconcile(entity);
            }
            catch (OperationCanceledException)
            {
                Cancelled++;
                throw;
            }
            catch (Exception e) when (e is not InvalidOperationException)
            {
                Failure = e;
                throw;
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }
        }

        public Task<ReconciliationResult<V1Widget>> DeletedAsync(V1Widget entity, CancellationToken cancellationToken)
        {
            Deleted.Enqueue(entity.Metadata.Uid);
            return Task.FromResult(ReconciliationResult<V1Widget>.Success(entity));
        }
    }
}
