using K8sQueue.Api.Problems;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>A page of the cluster says in its own place why it can't show it, so that it comes back by itself as it goes.</summary>
internal static class ClusterFaults
{
    /// <summary>What can be read, or a model with the reason why it can't.</summary>
    /// <param name="read">Reads the page's model.</param>
    /// <param name="without">The model of a page that shows the reason alone.</param>
    /// <exception cref="ProblemException">It is another problem.</exception>
    public static async Task<T> ShowAsync<T>(Func<Task<T>> read, Func<ErrorModel, T> without)
    {
        try
        {
            return await read();
        }
        catch (ProblemException e) when (e.Problem.Type == ProblemTypes.NoCluster || e.Problem.Type == ProblemTypes.ClusterUnavailable)
        {
            return without(new ErrorModel(e.Problem.Type.Title, e.Problem.Detail));
        }
    }
}
