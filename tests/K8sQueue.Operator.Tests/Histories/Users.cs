using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Operator.Tests.Histories.Apis;
using K8sQueue.Operator.Tests.Histories.Clusters;

namespace K8sQueue.Operator.Tests.Histories;

/// <summary>People at the API: they change, delete and make pools and budgets, and do things to pods.</summary>
internal sealed class Users(Cluster cluster, Keda keda, Func<IReadOnlyList<string>> patched)
{
    public const int LostHoldSeconds = 60;
    public static readonly string[] PoolNames = ["p0", "p1", "p2"];
    public static readonly string[] BudgetNames = ["a", "b"];

    private const int MaxPerReplica = 3;

    private readonly Dictionary<string, string> _images = [];
    private readonly HashSet<string> _replaced = [];
    private int _imagesMade;

    private Random Random => cluster.Random;

    public void Start()
    {
        foreach (var budget in BudgetNames)
            MakeBudget(budget);
        foreach (var pool in PoolNames.Take(Random.Next(2, 4)))
            MakePool(pool);
    }

    public void Act()
    {
        switch (Random.Next(17))
        {
            case 0 or 1 or 2:
                ChangeImage();
                break;
            case 3:
                EditPool(spec => spec.Connections = ConnectionsOf(cluster.Any(PoolNames)!));
                break;
            case 4:
                EditPool(spec => spec.Suspend = !spec.Suspend);
                break;
            case 5 or 6:
                EditBudget(spec => spec.Capacity = Random.Next(3, 15));
                break;
            case 7:
                EditBudget(spec => spec.Reserved = Random.Next(0, 3));
                break;
            case 8:
                EditPool(spec => ChangeScaling(spec.Scaling));
                break;
            case 9:
                DeleteOrMakePool();
                break;
            case 10:
                DeleteOrMakeBudget();
                break;
            case 11:
                // kubectl replace with a manifest that leaves the replicas out.
                EditPool(spec => spec.Replicas = 0);
                break;
            case 12:
                Isolate();
                break;
            case 13:
                Tamper();
                break;
            case 14:
                EditBudget(spec => spec.External = Random.Next(2) == 0 ? null : [new ExternalConsumer { Name = "api", Connections = Random.Next(1, 4) }]);
                break;
            case 15:
                ReplacePod();
                break;
            default:
                DeleteDeployment();
                break;
        }
    }

    /// <summary>Deletes a pod, as an eviction or a drain does, or by force.</summary>
    public void DeletePod()
    {
        if (cluster.Any(cluster.Api.Of<V1Pod>().All) is not { } pod)
            return;
        int? grace = Random.Next(3) == 0 ? 0 : null;
        cluster.Trace($"user: deletes {pod.Metadata.Name} with a grace of {grace}");
        cluster.Api.Delete<V1Pod>(pod.Metadata.Name!, new() { GracePeriodSeconds = grace });
    }

    /// <summary>Everything is made sound again; what the pools want stays random.</summary>
    public void Repair()
    {
        foreach (var budget in BudgetNames.Where(budget => cluster.Api.Of<V1Alpha1ConnectionBudget>().Get(budget) is null))
            MakeBudget(budget);
        if (cluster.Api.Of<V1Alpha1ConnectionBudget>().All.Any(budget => !budget.IsDeleting() && ConnectionLedger.Usable(budget) < MaxPerReplica))
            MakeRoom();
        foreach (var pool in keda.Pools.Where(pool => !pool.IsDeleting()))
        {
            if (pool.Spec.Template.Spec.Containers[0].Image!.Contains("bad", StringComparison.Ordinal))
                EditPool(pool.Metadata.Name!, spec => spec.Template = TemplateOf(pool.Metadata.Name!, "good"));
        }

        foreach (var pod in cluster.Api.Of<V1Pod>().All.Where(pod => pod.IsIsolated() || cluster.WorkerOf(pod).IsTamperedWith || _replaced.Contains(pod.Metadata.Uid!)))
            cluster.Api.Delete<V1Pod>(pod.Metadata.Name!);
    }

    /// <summary>Where no replica of the spec can be had, the revision before serves, and there is no one end that all histories come to.</summary>
    public void MakeRoom()
    {
        foreach (var budget in cluster.Api.Of<V1Alpha1ConnectionBudget>().All.Where(budget => !budget.IsDeleting()).ToList())
        {
            var spec = OperatorJson.Clone(budget).Spec;
            spec.Capacity += MaxPerReplica;
            cluster.Api.Edit<V1Alpha1ConnectionBudget>(budget.Metadata.Name!, item => item.Spec = spec, isNewGeneration: true);
        }
    }

    private void ChangeImage()
    {
        var isNew = Random.Next(2) == 0 || _images.Count == 0;
        var name = isNew ? FormattableString.Invariant($"{(Random.Next(5) == 0 ? "bad" : "good")}-{_imagesMade++}") : cluster.Any(_images.Values)!;
        EditPool(spec => spec.Template = TemplateOf(spec.Queues[0].Name, name), pool => _images[pool] = name);
    }

    private void ChangeScaling(ScalingSpec scaling)
    {
        scaling.MinReplicas = Random.Next(0, 3);
        scaling.MaxReplicas = Random.Next(2, 8);
        scaling.ScaleUp.MaxPodsPerMinute = Random.Next(2) == 0 ? null : Random.Next(2, 5);
        scaling.ScaleDown.MaxPodsPerMinute = Random.Next(2) == 0 ? null : Random.Next(2, 5);
    }

    private void DeleteOrMakePool()
    {
        var name = cluster.Any(PoolNames)!;
        cluster.Trace($"user: deletes or makes pool {name}");
        if (cluster.Api.Of<V1Alpha1WorkerPool>().Get(name) is null)
            MakePool(name);
        else if (cluster.Chance(2))
            cluster.Api.Delete<V1Alpha1WorkerPool>(name);
    }

    private void DeleteOrMakeBudget()
    {
        var name = cluster.Any(BudgetNames)!;
        if (cluster.Api.Of<V1Alpha1ConnectionBudget>().Get(name) is null)
            MakeBudget(name);
        else if (cluster.Chance(2))
            cluster.Api.Delete<V1Alpha1ConnectionBudget>(name);
    }

    /// <summary>Takes a pod's label away, to look at it in peace; or gives it back.</summary>
    private void Isolate()
    {
        if (cluster.Any(cluster.Api.Of<V1Pod>().All.Where(pod => !pod.IsGated())) is not { } pod)
            return;
        cluster.Trace($"user: isolates or takes back {pod.Metadata.Name}");
        cluster.Isolated.Add(pod.ControllerReference()?.Name ?? "");
        cluster.Miss(cluster.WorkerOf(pod));
        var labels = new Dictionary<string, string>(pod.Metadata.Labels!);
        if (!labels.Remove(Labels.Pool))
            labels[Labels.Pool] = pod.Metadata.Name!.Split('-')[0];
        cluster.Api.Edit<V1Pod>(pod.Metadata.Name!, item => item.Metadata.Labels = labels);
    }

    /// <summary>Makes the charges of a granted pod smaller. A budget that was made anew and has not heard of it yet can't know what they were.</summary>
    private void Tamper()
    {
        if (cluster.Any(cluster.Api.Of<V1Pod>().All.Where(pod => !pod.IsGated() && pod.Annotation(Labels.Charges) is not null)) is not { } pod)
            return;
        var worker = cluster.WorkerOf(pod);
        worker.IsTamperedWith = true;
        cluster.Miss(worker);
        var annotations = new Dictionary<string, string>(pod.Metadata.Annotations!) { [Labels.Charges] = Random.Next(2) == 0 ? "{}" : "?" };
        cluster.Api.Edit<V1Pod>(pod.Metadata.Name!, item => item.Metadata.Annotations = annotations);
    }

    /// <summary>kubectl replace --force: another pod under the name of one that waits, which takes more; best one that is about to be granted.</summary>
    private void ReplacePod()
    {
        var waiting = cluster.Api.Of<V1Pod>().All.Where(pod => pod.IsGated() && pod.Charges()?.Count > 0).ToList();
        var names = patched();
        if ((cluster.Any(waiting.FindAll(pod => names.Contains(pod.Metadata.Name!))) ?? cluster.Any(waiting)) is not { } pod)
            return;
        cluster.Trace($"user: replaces {pod.Metadata.Name}");
        var charges = pod.Charges()!.Select(charge => FormattableString.Invariant($"\"{charge.Key}\":{charge.Value + 2}"));
        cluster.Api.Delete<V1Pod>(pod.Metadata.Name!);
        var next = Shallow.CopyObject(pod);
        next.Metadata.Annotations = new(pod.Metadata.Annotations!) { [Labels.Charges] = $"{{{string.Join(',', charges)}}}" };
        _replaced.Add(cluster.Api.Of<V1Pod>().Add(next).Metadata.Uid!);
    }

    private void DeleteDeployment()
    {
        if (cluster.Chance(2) && cluster.Any(cluster.Api.Of<V1Deployment>().All) is { } deployment)
            cluster.Api.Delete<V1Deployment>(deployment.Metadata.Name!);
    }

    private void EditPool(Action<WorkerPoolSpec> edit, Action<string>? then = null)
    {
        if (cluster.Any(keda.Pools.Where(pool => !pool.IsDeleting())) is not { } pool)
            return;
        EditPool(pool.Metadata.Name!, edit);
        then?.Invoke(pool.Metadata.Name!);
    }

    private void EditPool(string name, Action<WorkerPoolSpec> edit)
    {
        var spec = OperatorJson.Clone(cluster.Api.Of<V1Alpha1WorkerPool>().Get(name)!).Spec;
        edit(spec);
        cluster.Trace($"user: edits pool {name}: {spec.Template.Spec.Containers[0].Image}, replicas {spec.Replicas}, suspend {spec.Suspend}");
        cluster.Api.Edit<V1Alpha1WorkerPool>(name, item => item.Spec = spec, isNewGeneration: true);
    }

    private void EditBudget(Action<ConnectionBudgetSpec> edit)
    {
        if (cluster.Any(cluster.Api.Of<V1Alpha1ConnectionBudget>().All) is not { } budget)
            return;
        var spec = OperatorJson.Clone(budget).Spec;
        edit(spec);
        if (ConnectionLedger.Usable(new V1Alpha1ConnectionBudget { Spec = spec }) < 1)
            return;
        cluster.Trace($"user: edits budget {budget.Metadata.Name}: capacity {spec.Capacity}, reserved {spec.Reserved}, external {spec.External?.Count}");
        cluster.Api.Edit<V1Alpha1ConnectionBudget>(budget.Metadata.Name!, item => item.Spec = spec, isNewGeneration: true);
    }

    private void MakePool(string name)
    {
        var pool = Samples.Pool(name, spec =>
        {
            spec.Queues = [Samples.RawQueue(name)];
            spec.Connections = ConnectionsOf(name);
            spec.Drain.Policy = PolicyOf(name);
            spec.Template = TemplateOf(name, "good");
            ChangeScaling(spec.Scaling);
        });
        cluster.Api.Create(pool);
    }

    /// <summary>Of two pools only idle workers may go. All have a management port.</summary>
    private static PodTemplate TemplateOf(string pool, string image)
    {
        var template = Samples.Template(image);
        template.Metadata = new PodTemplateMetadata { Annotations = new() { ["test/policy"] = PolicyOf(pool) } };
        template.Spec.Containers[0].Other = new()
        {
            ["ports"] = System.Text.Json.JsonDocument.Parse("""[{"name": "management", "containerPort": 8081}]""").RootElement.Clone(),
        };
        return template;
    }

    private static string PolicyOf(string pool) => pool == "p1" ? DrainPolicies.IdleFirst : DrainPolicies.IdleOnly;

    private List<ConnectionSpec> ConnectionsOf(string pool)
    {
        var a = Samples.Connection("a", Random.Next(1, MaxPerReplica + 1), Random.Next(1, 3));
        var b = Samples.Connection("b", Random.Next(1, 3), Random.Next(1, 3));
        return pool switch { "p0" => [a], "p1" => [a, b], _ => [b] };
    }

    private void MakeBudget(string name)
    {
        cluster.Trace($"user: makes budget {name}");
        foreach (var worker in cluster.Workers)
        {
            worker.NewBudgets.Add(name);
            if (worker.IsTamperedWith || cluster.PodOf(worker)?.IsIsolated() != false)
                worker.ForgottenBy.Add(name);
        }

        cluster.Api.Create(Samples.Budget(name, Random.Next(4, 13), Random.Next(0, 2), LostHoldSeconds));
    }
}
