using System.Diagnostics.Metrics;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Kubernetes.Tests.Controllers;

public sealed class ControllerTests : OperatorTestBase
{
    [Fact]
    public async Task Entities_that_are_there_and_that_come_are_reconciled()
    {
        await CreateAsync("early");
        await StartAsync();
        await CreateAsync("late");

        await Eventually.IsTrue(() => Controller.Reconciled.Contains("early") && Controller.Reconciled.Contains("late"));
    }

    [Fact]
    public async Task An_exception_and_a_failure_are_tried_again_and_others_go_on()
    {
        var failures = 3;
        Controller.OnReconcile = widget => widget.Metadata.Name == "bad" && failures-- > 0
            ? failures % 2 == 0 ? throw new InvalidOperationException("broken") : ReconciliationResult<V1Widget>.Failure(widget, "not yet")
            : ReconciliationResult<V1Widget>.Success(widget);
        await StartAsync();
        await CreateAsync("bad");
        await CreateAsync("good");

        await Eventually.IsTrue(() => Controller.Reconciled.Contains("good") && Controller.Reconciled.Count(n => n == "bad") == 4);
    }

    [Fact]
    public async Task A_success_with_a_requeue_comes_again_though_its_status_was_written()
    {
        Controller.OnReconcile = widget => ReconciliationResult<V1Widget>.Success(widget, TimeSpan.FromMilliseconds(50));
        await StartAsync();
        await CreateAsync("one");

        await Eventually.IsTrue(() => Controller.Reconciled.Count >= 3);
    }

    [Fact]
    public async Task What_theController_changes_is_its_own_copy()
    {
        Controller.OnReconcile = widget =>
        {
            widget.Spec.Size.Should().Be(1);
            widget.Spec.Size = 99;
            return ReconciliationResult<V1Widget>.Success(widget, TimeSpan.FromMilliseconds(20));
        };
        await StartAsync();
        await CreateAsync("one");

        await Eventually.IsTrue(() => Controller.Reconciled.Count >= 3);
        Controller.Failure.Should().BeNull();
    }

    [Fact]
    public async Task A_change_of_an_owned_object_reconciles_its_owner()
    {
        await StartAsync(finalizer: false);
        var owner = await CreateAsync("one");
        await Eventually.IsTrue(() => Controller.Reconciled.Count == 1);

        await Kubernetes.CreateAsync(
            new V1Deployment { Metadata = new V1ObjectMeta { Name = "child", Namespace = "shop", OwnerReferences = [owner.ToControllerReference()] } }, default);
        await Kubernetes.CreateAsync(new V1Deployment { Metadata = new V1ObjectMeta { Name = "foreign", Namespace = "shop" } }, default);

        await Eventually.IsTrue(() => Controller.Reconciled.Count == 2);
        Controller.Reconciled.Should().OnlyContain(n => n == "one");
    }

    [Fact]
    public async Task A_watched_object_that_moves_reconciles_both_of_those_it_maps_to()
    {
        await StartAsync(finalizer: false);
        await CreateAsync("one");
        await CreateAsync("two");
        await Eventually.IsTrue(() => Controller.Reconciled.Count == 2);
        var pod = await Kubernetes.CreateAsync(Pod("one"), default);
        await Eventually.IsTrue(() => Controller.Reconciled.Count == 3);

        pod.Metadata.Labels!["widget"] = "two";
        await Kubernetes.ReplaceAsync(pod, default);

        await Eventually.IsTrue(() => Controller.Reconciled.Count == 5);
        Controller.Reconciled.Skip(3).Should().BeEquivalentTo("one", "two");
    }

    [Fact]
    public async Task What_a_source_of_its_own_names_is_reconciled()
    {
        Action<NamespacedName>? enqueue = null;
        await StartAsync(finalizer: false, configure: c => c.WatchesSource((_, add) => enqueue = add));
        await CreateAsync("one");
        await CreateAsync("two");
        await Eventually.IsTrue(() => Controller.Reconciled.Count == 2);

        enqueue!(new NamespacedName("shop", "two"));

        await Eventually.IsTrue(() => Controller.Reconciled.Count == 3);
        Controller.Reconciled.Last().Should().Be("two");
    }

    [Fact]
    public async Task A_deleted_entity_is_told_once_and_one_remade_at_once_is_another()
    {
        await StartAsync(finalizer: false);
        var first = await CreateAsync("one");
        await Eventually.IsTrue(() => Controller.Reconciled.Count == 1);

        await Kubernetes.DeleteAsync<V1Widget>("one", "shop", null, default);
        await CreateAsync("one");

        await Eventually.IsTrue(() => Controller.Reconciled.Count >= 2);
        Controller.Deleted.Should().Equal(first.Metadata.Uid);
    }

    [Fact]
    public async Task Changes_that_the_filter_refuses_are_not_reconciled()
    {
        await StartAsync(finalizer: false, configure: c => c.ChangeFilter = (before, after) => before.Spec.Size != after.Spec.Size);
        var widget = await CreateAsync("one");
        await Eventually.IsTrue(() => Controller.Reconciled.Count == 1);

        widget.Status = new WidgetStatus { Seen = 1 };
        widget = await Kubernetes.ReplaceAsync(widget, default);
        widget.Spec.Size = 7;
        await Kubernetes.ReplaceAsync(widget, default);

        await Eventually.IsTrue(() => Controller.Sizes.Contains(7));
        Controller.Reconciled.Should().HaveCount(2);
    }

    [Fact]
    public async Task Reconciliations_are_counted_by_controller_and_result()
    {
        var failures = 1;
        Controller.OnReconcile = widget => failures-- > 0
            ? ReconciliationResult<V1Widget>.Failure(widget, "not yet")
            : ReconciliationResult<V1Widget>.Success(widget);
        await StartAsync(finalizer: false);
        using var measured = new MeasurementRecorder(Host!.Services.GetRequiredService<IMeterFactory>());

        await CreateAsync("one");

        await Eventually.IsTrue(() => measured["controller_runtime_reconcile_total controller=widget result=success"] is 1);
        measured["controller_runtime_reconcile_total controller=widget result=error"].Should().Be(1);
        measured["controller_runtime_reconcile_errors_total controller=widget"].Should().Be(1);
        measured["controller_runtime_active_workers controller=widget"].Should().Be(0);
        measured["workqueue_retries_total name=widget controller=widget"].Should().Be(1);
    }

    [Fact]
    public async Task All_series_are_there_at_zero_before_anything_happened()
    {
        using var host = Build(Controller);
        using var measured = new MeasurementRecorder(host.Services.GetRequiredService<IMeterFactory>());
        await host.StartAsync();
        await Eventually.IsTrue(() => host.Services.GetRequiredService<OperatorStatus>().IsLeading);
        await Eventually.IsTrue(() => measured.Sums.ContainsKey("controller_runtime_max_concurrent_reconciles controller=widget"));
        measured.Observe();

        measured.Sums.Should().Contain(new Dictionary<string, double>
        {
            ["controller_runtime_reconcile_total controller=widget result=success"] = 0,
            ["controller_runtime_reconcile_total controller=widget result=error"] = 0,
            ["controller_runtime_reconcile_total controller=widget result=requeue_after"] = 0,
            ["controller_runtime_reconcile_errors_total controller=widget"] = 0,
            ["controller_runtime_terminal_reconcile_errors_total controller=widget"] = 0,
            ["controller_runtime_reconcile_panics_total controller=widget"] = 0,
            ["controller_runtime_max_concurrent_reconciles controller=widget"] = 2,
            ["workqueue_adds_total name=widget controller=widget"] = 0,
            ["workqueue_unfinished_work_seconds name=widget controller=widget"] = 0,
            ["workqueue_longest_running_processor_seconds name=widget controller=widget"] = 0,
        });
        await host.StopAsync();
        measured["controller_runtime_max_concurrent_reconciles controller=widget"].Should().Be(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_terminal_failure_is_not_tried_again_until_the_entity_changes(bool thrown)
    {
        Controller.OnReconcile = widget => widget.Spec.Size == 7
            ? ReconciliationResult<V1Widget>.Success(widget)
            : thrown
                ? throw new TerminalReconciliationException("never")
                : ReconciliationResult<V1Widget>.Failure(widget, "never", new TerminalReconciliationException("never"));
        await StartAsync(finalizer: false);
        using var measured = new MeasurementRecorder(Host!.Services.GetRequiredService<IMeterFactory>());
        var widget = await CreateAsync("one");
        await Eventually.IsTrue(() => measured["controller_runtime_reconcile_errors_total controller=widget"] is 1);
        await CreateAsync("later");
        await Eventually.IsTrue(() => measured["controller_runtime_reconcile_errors_total controller=widget"] is 2);

        Controller.Reconciled.Should().Equal("one", "later");
        measured["controller_runtime_terminal_reconcile_errors_total controller=widget"].Should().Be(2);
        (measured["workqueue_retries_total name=widget controller=widget"] > 0).Should().BeFalse();
        widget.Spec.Size = 7;
        await Kubernetes.ReplaceAsync(widget, default);
        await Eventually.IsTrue(() => measured["controller_runtime_reconcile_total controller=widget result=success"] is 1);
    }

    [Fact]
    public async Task An_exception_that_nobody_foresaw_is_counted_as_a_panic_and_tried_again()
    {
        var failures = 1;
        Controller.OnReconcile = widget => failures-- > 0 ? throw new InvalidOperationException("bug") : ReconciliationResult<V1Widget>.Success(widget);
        await StartAsync(finalizer: false);
        using var measured = new MeasurementRecorder(Host!.Services.GetRequiredService<IMeterFactory>());
        await CreateAsync("one");

        await Eventually.IsTrue(() => measured["controller_runtime_reconcile_total controller=widget result=success"] is 1);
        measured["controller_runtime_reconcile_panics_total controller=widget"].Should().Be(1);
    }

    [Fact]
    public async Task A_filter_that_throws_loses_no_change()
    {
        await StartAsync(finalizer: false, configure: c => c.ChangeFilter = (_, _) => throw new InvalidOperationException("bug"));
        var widget = await CreateAsync("one");
        await Eventually.IsTrue(() => Controller.Reconciled.Count == 1);

        widget.Spec.Size = 7;
        await Kubernetes.ReplaceAsync(widget, default);

        await Eventually.IsTrue(() => Controller.Sizes.Contains(7));
    }

    private static V1Pod Pod(string widget) => new()
    {
        Metadata = new V1ObjectMeta { Name = "pod", Namespace = "shop", Labels = new Dictionary<string, string> { ["widget"] = widget } },
    };
}
