using System.Globalization;
using K8sQueue.Quickstart.Processes;

namespace K8sQueue.EndToEnd.Tests.Operators;

/// <summary>What the chart installed as the release <c>k8squeue</c> in <c>k8squeue-system</c>: a Deployment with as many replicas as it has.</summary>
internal sealed class InstalledOperator : IOperatorUnderTest
{
    private const string Namespace = "k8squeue-system";
    private const string Deployment = "deployment/k8squeue-operator";
    private const string Pods = "app.kubernetes.io/name=k8squeue-operator,app.kubernetes.io/instance=k8squeue";

    private readonly Kubectl _kubectl;
    private readonly int _replicas;

    private InstalledOperator(Kubectl kubectl, int replicas) => (_kubectl, _replicas) = (kubectl, replicas);

    /// <exception cref="KubectlException">It is not there.</exception>
    public static async Task<InstalledOperator> FindAsync(string kubeconfig)
    {
        var kubectl = new Kubectl(kubeconfig, Namespace);
        var replicas = int.Parse(await kubectl.RunAsync(["get", Deployment, "-o", "jsonpath={.spec.replicas}"]), CultureInfo.InvariantCulture);
        var installed = new InstalledOperator(kubectl, replicas);
        await installed.StartAsync();
        return installed;
    }

    public async Task KillAsync()
    {
        await ScaleAsync(0);
        await _kubectl.RunAsync(["delete", "pods", "-l", Pods, "--grace-period=0", "--force", "--ignore-not-found"]);
    }

    public async Task StartAsync()
    {
        await ScaleAsync(_replicas);
        await _kubectl.RunAsync(["rollout", "status", Deployment, "--timeout=120s"]);
    }

    public Task<string> TailAsync() => _kubectl.RunAsync(["logs", "-l", Pods, "--tail=50", "--prefix"]);

    private async Task ScaleAsync(int replicas) => await _kubectl.RunAsync(["scale", Deployment, string.Create(CultureInfo.InvariantCulture, $"--replicas={replicas}")]);
}
