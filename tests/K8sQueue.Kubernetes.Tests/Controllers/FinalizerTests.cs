using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Kubernetes.Tests.Controllers;

public sealed class FinalizerTests : OperatorTestBase
{
    [Fact]
    public async Task The_finalizer_is_put_on_before_the_first_reconciliation_and_runs_before_the_entity_goes()
    {
        Controller.OnReconcile = widget =>
        {
            widget.Metadata.Finalizers.Should().Equal(FinalizerName);
            return ReconciliationResult<V1Widget>.Success(widget);
        };
        await StartAsync();
        await CreateAsync("one");
        await ReconciledAsync();
        Controller.Failure.Should().BeNull();

        await Kubernetes.DeleteAsync<V1Widget>("one", "shop", null, default);

        await Eventually.IsTrue(() => Controller.Deleted.Count == 1);
        Finalizer.Calls.Should().Be(1);
        (await Kubernetes.GetAsync<V1Widget>("one", "shop", default)).Should().BeNull();
    }

    [Fact]
    public async Task A_finalizer_that_is_not_ready_stays_and_is_called_again()
    {
        Finalizer.OnFinalize = (widget, call) => call switch
        {
            1 => ReconciliationResult<V1Widget>.Success(widget, TimeSpan.FromMilliseconds(20)),
            2 => ReconciliationResult<V1Widget>.Failure(widget, "not yet"),
            _ => ReconciliationResult<V1Widget>.Success(widget),
        };
        await StartAsync();
        await CreateAsync("one");
        await ReconciledAsync();

        await Kubernetes.DeleteAsync<V1Widget>("one", "shop", null, default);

        await Eventually.IsTrue(() => Controller.Deleted.Count == 1);
        Finalizer.Calls.Should().Be(3);
    }

    [Fact]
    public async Task Finalizers_of_others_come_before_ours_and_neither_block_it_nor_go_with_it()
    {
        await StartAsync();
        await CreateAsync("one", "other.io/first", "other.io/second");
        await ReconciledAsync();

        await Kubernetes.DeleteAsync<V1Widget>("one", "shop", null, default);

        await Eventually.IsTrue(async () => await FinalizersAsync() is ["other.io/first", "other.io/second"]);
        Finalizer.Calls.Should().Be(1);
    }

    [Fact]
    public async Task A_finalizer_is_put_on_though_the_cached_entity_is_outdated()
    {
        var raced = false;
        Kubernetes.BeforeCall = async verb =>
        {
            if (verb != "patch" || raced)
                return;
            raced = true;
            var live = (await Kubernetes.GetAsync<V1Widget>("one", "shop", default))!;
            live.Metadata.Finalizers = ["other.io/first"];
            await Kubernetes.ReplaceAsync(live, default);
        };
        await StartAsync();
        await CreateAsync("one");

        await Eventually.IsTrue(async () => await FinalizersAsync() is ["other.io/first", FinalizerName]);
    }

    [Fact]
    public async Task An_entity_that_is_already_going_gets_no_finalizer()
    {
        await CreateAsync("one", "other.io/first");
        await Kubernetes.DeleteAsync<V1Widget>("one", "shop", null, default);
        await StartAsync();
        await CreateAsync("two");
        await Eventually.IsTrue(() => Controller.Reconciled.Contains("two"));

        (await FinalizersAsync()).Should().Equal("other.io/first");
        Controller.Reconciled.Should().NotContain("one");
        Finalizer.Calls.Should().Be(0);
    }

    // Putting the finalizer on is a change, too: what is still to be reconciled would call it once more.
    private Task ReconciledAsync() => Eventually.IsTrue(() => Controller.Reconciled.Count == 2);

    private async Task<List<string>?> FinalizersAsync() =>
        (await Kubernetes.GetAsync<V1Widget>("one", "shop", default))!.Metadata.Finalizers;
}
