using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>Makes the Deployment of the spec's revision; finds those of earlier ones. A Deployment's template is never written again.</summary>
internal sealed class PoolRevisions(IKubernetesClient client, PoolStores stores, ChildWriter writer, EventPublisher events, TimeProvider time)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(60);

    public async Task EnsureAsync(PoolPass pass, string revision, CancellationToken cancellationToken)
    {
        var name = ChildMetadata.DeploymentName(pass.Name, revision);
        pass.Deployments.AddRange(stores.DeploymentsOf(pass.Pool));
        if (pass.Deployments.Find(deployment => deployment.Metadata.Name == name && !deployment.IsDeleting()) is { } existing)
        {
            await pass.AttemptAsync($"The Deployment '{name}' can't be numbered", () =>
                MakeNewestAsync(pass, existing, revision, cancellationToken)).ConfigureAwait(false);
            return;
        }

        if (pass.Memory.Refused is { } refused && refused.Key == revision && time.GetElapsedTime(refused.At) < Retry)
        {
            Report(pass, refused.Value);
            return;
        }

        if (TryBuild(pass, revision) is not { } desired)
            return;
        try
        {
            await CreateAsync(pass, revision, desired, cancellationToken).ConfigureAwait(false);
            pass.Memory.Refused = null;
        }
        catch (InvalidOperationException e)
        {
            Refuse(pass, revision, e.Message);
        }
        catch (FormatException e)
        {
            Refuse(pass, revision, e.Message);
        }
        catch (KubernetesApiException e) when (e.IsRefused)
        {
            Refuse(pass, revision, e.Message);
        }
        catch (KubernetesApiException e)
        {
            pass.ReportFailure($"The Deployment '{name}' can't be made", e);
        }
    }

    /// <summary>Null where the template is such that no Deployment can be made of it, which is reported.</summary>
    private V1Deployment? TryBuild(PoolPass pass, string revision)
    {
        try
        {
            return DeploymentBuilder.Build(pass.Pool, revision, pass.Charges, NewestOf(pass) + 1);
        }
        catch (Exception e)
        {
            // Whatever it is, it is the template's: what ran before goes on.
            Refuse(pass, revision, e.Message);
            return null;
        }
    }

    private async Task CreateAsync(PoolPass pass, string revision, V1Deployment desired, CancellationToken cancellationToken)
    {
        var name = desired.Metadata.Name!;
        var made = await writer.TryCreateAsync(desired, cancellationToken).ConfigureAwait(false);
        if (made is not null)
        {
            await events(pass.Pool, Reasons.RevisionCreated, $"Made revision {revision}.", EventType.Normal, cancellationToken)
                .ConfigureAwait(false);
        }

        var live = made ?? await client.GetAsync<V1Deployment>(name, pass.Namespace, cancellationToken).ConfigureAwait(false);
        if (live is null || live.IsDeleting())
        {
            // Of an earlier round, on its way out: made anew when it is gone.
            pass.LookAgain(TimeSpan.FromSeconds(1));
        }
        else if (live.IsControlledBy(pass.Pool))
        {
            pass.Deployments.RemoveAll(deployment => deployment.Metadata.Name == name);
            pass.Deployments.Add(live);
        }
        else
        {
            pass.ReportStranger(ChildWriter.Stranger(pass.Pool, live), "Deployment", name);
        }
    }

    /// <summary>A revision that was there before is the spec's again: from now on it is the newest. Only as it was seen.</summary>
    private async Task MakeNewestAsync(PoolPass pass, V1Deployment deployment, string revision, CancellationToken cancellationToken)
    {
        var newest = NewestOf(pass);
        if (RevisionHistory.NumberOf(deployment) >= newest)
            return;
        var content = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = deployment.Metadata.Uid,
                ["resourceVersion"] = deployment.Metadata.ResourceVersion,
                ["annotations"] = new JsonObject { [Labels.RevisionNumber] = (newest + 1).ToString(CultureInfo.InvariantCulture) },
            },
        };
        await client.PatchAsync<V1Deployment>(
            deployment.Metadata.Name!, pass.Namespace, new KubernetesPatch(content, KubernetesPatch.MergePatch), null, cancellationToken)
            .ConfigureAwait(false);
        await events(pass.Pool, Reasons.RolledBack, $"Back to revision {revision}.", EventType.Normal, cancellationToken).ConfigureAwait(false);
    }

    private static int NewestOf(PoolPass pass) => pass.Deployments.Select(RevisionHistory.NumberOf).DefaultIfEmpty().Max();

    private void Refuse(PoolPass pass, string revision, string why)
    {
        var problem = new PoolProblem(
            Reasons.TemplateInvalid, $"The Deployment of the template was refused; what ran before keeps running. Mend spec.template: {why}");
        pass.Memory.Refused = new(revision, problem, time.GetTimestamp());
        Report(pass, problem);
    }

    private static void Report(PoolPass pass, PoolProblem problem)
    {
        pass.Report(problem.Reason, problem.Message);
        pass.LookAgain(Retry);
    }
}
