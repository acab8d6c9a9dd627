using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>
/// A page that is rendered here, whole: a component and what it shows. It holds nothing afterwards, so any replica answers the next request.
/// </summary>
internal sealed class Page : IResult
{
    private readonly Type _component;
    private readonly object _model;
    private readonly PageContext _context;
    private readonly int _status;

    private Page(Type component, object model, PageContext context, int status) =>
        (_component, _model, _context, _status) = (component, model, context, status);

    public static IResult Of<TComponent>(HttpContext context, object model, int status = StatusCodes.Status200OK)
        where TComponent : IComponent => new Page(typeof(TComponent), model, PageContext.From(context), status);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
        {
            [nameof(DashboardPage<>.Model)] = _model,
            [nameof(DashboardPage<>.Page)] = _context,
        });
        var html = await renderer.Dispatcher.InvokeAsync(
            async () => (await renderer.RenderComponentAsync(_component, parameters)).ToHtmlString());

        // What comes of a login elsewhere is shown by no endpoint, and is a page with forms all the same.
        httpContext.Features.Set(new DashboardEndpoint(DashboardContent.Page));
        var response = httpContext.Response;
        response.StatusCode = _status;
        response.ContentType = "text/html; charset=utf-8";
        await response.BodyWriter.WriteAsync(Encoding.UTF8.GetBytes(html), httpContext.RequestAborted);
    }
}

/// <summary>The base of every page.</summary>
/// <typeparam name="TModel">What it shows.</typeparam>
public abstract class DashboardPage<TModel> : ComponentBase
{
    /// <summary>What it shows.</summary>
    [Parameter]
    [EditorRequired]
    public TModel Model { get; set; } = default!;

    /// <summary>Whom it shows it to.</summary>
    [Parameter]
    [EditorRequired]
    public PageContext Page { get; set; } = default!;
}
