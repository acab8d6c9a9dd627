using System.Net;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

public sealed class RolloutTests
{
    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task A_new_template_takes_the_place_of_the_old_one()
    {
        await StartAsync(capacity: 100, replicas: 4);
        var old = _harness.Deployments.Single().Metadata.Name;

        _harness.Edit(spec => spec.Template = Samples.Template("ghcr.io/acme/emails:2"));
        await _harness.SettleAsync();

        _harness.Deployments.Where(deployment => deployment.Spec.Replicas > 0).Should().ContainSingle().Which.Metadata.Name.Should().NotBe(old);
        _harness.Granted.Should().Be(4);
        _harness.Condition("Ready").Status.Should().Be("True");
        _harness.Pool().Status!.UpdatedReplicas.Should().Be(4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_full_budget_does_not_stop_a_rollout(int replicas)
    {
        await StartAsync(capacity: replicas * 10, replicas);

        _harness.Edit(spec => spec.Template = Samples.Template("ghcr.io/acme/emails:2"));
        await _harness.SettleAsync();

        _harness.Granted.Should().Be(replicas);
        _harness.Pool().Status!.UpdatedReplicas.Should().Be(replicas);
        _harness.Condition("Ready").Status.Should().Be("True");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Old_pods_that_hold_less_make_way_for_new_ones_in_a_full_budget(bool aReservationIsLeftInAnother)
    {
        _harness.Cluster.Create(Samples.Budget("first", 10));
        _harness.Cluster.Create(Samples.Budget("second", 6));
        foreach (var pool in (string[])["emails", "alerts"])
        {
            _harness.Create(Samples.Pool(pool, spec =>
            {
                spec.Connections = [Samples.Connection("second", 1)];
                spec.Scaling.MaxReplicas = 4;
            }));
        }

        await _harness.SettleAsync();
        _harness.Ask(4);
        _harness.Ask(4, "alerts");
        await _harness.SettleAsync();
        var isLeft = false;
        _harness.Client.Before = call =>
        {
            if (aReservationIsLeftInAnother && !isLeft && _harness.Pods.FirstOrDefault(pod => pod.IsGated() && pod.Charges()!.ContainsKey("first")) is { } waiting)
            {
                isLeft = true;
                _harness.Cluster.Change<V1Alpha1ConnectionBudget>("first", Samples.Namespace, budget => budget.Status!.Pending =
                    [new ConnectionHolder { Uid = waiting.Metadata.Uid!, Pod = waiting.Metadata.Name!, Connections = 1 }]);
            }

            return Task.CompletedTask;
        };

        _harness.Edit(spec => spec.Connections = [Samples.Connection("first", 1), Samples.Connection("second", 2)]);
        await _harness.SettleAsync();

        isLeft.Should().Be(aReservationIsLeftInAnother);
        _harness.Pool().Status!.Should().Match<WorkerPoolStatus>(status => status.UpdatedReplicas == 1 && status.Replicas == 1);
    }

    [Fact]
    public async Task A_revision_that_does_not_become_ready_leaves_the_old_one_running()
    {
        await StartAsync(capacity: 100, replicas: 4);
        _harness.IsReady = pod => pod.Label(Labels.Revision) != Operator.Revisions.RevisionHash.Of(_harness.Pool().Spec);

        _harness.Edit(spec => spec.Template = Samples.Template("ghcr.io/acme/emails:broken"));
        await _harness.SettleAsync();

        _harness.Pool().Status!.ReadyReplicas.Should().Be(4);
        _harness.Condition("Ready").Should().Match<V1Condition>(ready => ready.Status == "False" && ready.Reason == "RollingOut");
    }

    [Fact]
    public async Task Going_back_to_the_old_template_is_a_rollback()
    {
        await StartAsync(capacity: 100, replicas: 4);
        var old = _harness.Deployments.Single().Metadata.Name;
        _harness.IsReady = _ => false;
        _harness.Edit(spec => spec.Template = Samples.Template("ghcr.io/acme/emails:broken"));
        await _harness.SettleAsync();

        _harness.IsReady = _ => true;
        _harness.Edit(spec => spec.Template = Samples.Template("ghcr.io/acme/emails:1.4"));
        await _harness.SettleAsync();

        _harness.Deployments.Where(deployment => deployment.Spec.Replicas > 0).Should().ContainSingle().Which.Metadata.Name.Should().Be(old);
        _harness.Pool().Status!.ReadyReplicas.Should().Be(4);
        _harness.Condition("Ready").Status.Should().Be("True");
    }

    [Fact]
    public async Task A_template_that_the_server_refuses_leaves_the_last_good_one_running_and_scaling()
    {
        await StartAsync(capacity: 100, replicas: 2);
        _harness.Cluster.Admission = item => item is V1Deployment
            ? new KubernetesApiException(HttpStatusCode.UnprocessableEntity, "Invalid", "spec.template.spec.containers[0].image: Required value")
            : null;

        _harness.Edit(spec => spec.Template = Samples.Template(""));
        _harness.Ask(3);
        await _harness.SettleAsync();

        _harness.Condition("Ready").Should().Match<V1Condition>(ready => ready.Reason == "TemplateInvalid" && ready.Message!.Contains("Required value", StringComparison.Ordinal));
        _harness.Pool().Status!.ReadyReplicas.Should().Be(3);

        _harness.Cluster.Admission = _ => null;
        _harness.Time.Advance(TimeSpan.FromSeconds(61));
        await _harness.SettleAsync();
        _harness.Condition("Ready").Status.Should().Be("True");
    }

    [Fact]
    public async Task Scaling_settings_make_no_revision()
    {
        await StartAsync(capacity: 100, replicas: 2);

        _harness.Edit(spec =>
        {
            spec.Scaling.MaxReplicas = 20;
            spec.Connections![0].Weight = 5;
        });
        await _harness.SettleAsync();

        _harness.Deployments.Should().ContainSingle();
        _harness.Pods.Should().OnlyContain(pod => !pod.IsDeleting());
    }

    [Fact]
    public async Task An_unknown_revision_is_never_granted()
    {
        await StartAsync(capacity: 100, replicas: 1);
        _harness.Cluster.Create(Samples.GatedPod("stranger", "emails", "unknown", """{"db":10}"""));

        await _harness.SettleAsync();

        _harness.Pods.Single(pod => pod.Metadata.Name == "stranger").IsGated().Should().BeTrue();
    }

    private async Task StartAsync(int capacity, int replicas)
    {
        _harness.Cluster.Create(Samples.Budget("db", capacity));
        _harness.Create(Samples.Pool(change: spec => spec.Connections = [Samples.Connection("db", 10)]));
        await _harness.SettleAsync();
        _harness.Ask(replicas);
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(replicas);
    }
}
