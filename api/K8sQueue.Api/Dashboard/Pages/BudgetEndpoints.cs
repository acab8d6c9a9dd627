using K8sQueue.Api.Authentication;
using K8sQueue.Api.Cluster;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>ConnectionBudgets and who holds what of them.</summary>
internal static class BudgetEndpoints
{
    public static void MapBudgetPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/budgets", ListAsync);
        pages.MapGet("/budgets/{namespace}/{name}", ShowAsync);
    }

    private static async Task<IResult> ListAsync(string? after, HttpContext context, ClusterReader cluster)
    {
        DashboardGuard.RequireEverywhere(context, Verb.Read);
        return Page.Of<BudgetsPage>(context, await ClusterFaults.ShowAsync(
            async () =>
            {
                var budgets = await cluster.ListBudgetsAsync(context.RequestAborted);
                var (page, next) = ClusterPaging.Page(budgets, @namespace: null, string.IsNullOrEmpty(after) ? null : after, limit: null);
                return new BudgetsModel { Budgets = [.. page.Select(budget => BudgetDocument.From(budget))], Next = next };
            },
            fault => new BudgetsModel { Fault = fault }));
    }

    private static async Task<IResult> ShowAsync(string @namespace, string name, HttpContext context, ClusterReader cluster)
    {
        DashboardGuard.RequireEverywhere(context, Verb.Read);
        var id = ClusterParameters.RequireName(@namespace, name);
        var model = new BudgetModel { Namespace = @namespace, Name = name };
        return Page.Of<BudgetPage>(context, await ClusterFaults.ShowAsync(
            async () => model with { Budget = BudgetDocument.From(await cluster.RequireBudgetAsync(id, context.RequestAborted), withHolders: true) },
            fault => model with { Fault = fault }));
    }
}
