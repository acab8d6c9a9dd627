using Deque.AxeCore.Commons;
using K8sQueue.Api.Tests.Cluster;
using Microsoft.Playwright;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>Debian's Chromium, without a window. What a page logs as an error, or does against its policy, fails the test.</summary>
public sealed class Browser : IAsyncLifetime
{
    // Of whatever is waited for, an operator and an autoscaler among it: it costs nothing where it comes.
    private const float Patience = 60_000;

    private static readonly string[] Flags =
    [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("There is no chromium here: `make test` installs it, or apt-get install chromium.");
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            ChromiumSandbox = false,
            Headless = true,
            Args = Flags,
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    internal async Task<BrowserVisit> VisitAsync(KestrelApi api, bool script = true, ColorScheme scheme = ColorScheme.Light, ReducedMotion motion = ReducedMotion.Reduce)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = api.Address.ToString(),
            JavaScriptEnabled = script,
            ColorScheme = scheme,
            ReducedMotion = motion,
            ViewportSize = new ViewportSize { Width = 1280, Height = 860 },
        });
        context.SetDefaultTimeout(Patience);
        var visit = new BrowserVisit(context, await context.NewPageAsync());
        await visit.Page.GotoAsync("/login");
        await visit.Page.GetByLabel("API key").FillAsync(api.Secret);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Overview", Level = 1 }).WaitForAsync();
        return visit;
    }
}

/// <summary>Those who use it, one after the other.</summary>
[CollectionDefinition(nameof(Browser))]
public sealed class BrowserCollection : ICollectionFixture<Browser>, ICollectionFixture<TestCluster>;

/// <summary>One window of it.</summary>
internal sealed class BrowserVisit : IAsyncDisposable
{
    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];
    private readonly List<string> _questions = [];

    public BrowserVisit(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            // A status that is no success is the page's to show.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                _errors.Add(message.Text);
        };
        page.PageError += (_, error) => _errors.Add(error);
        page.Dialog += (_, dialog) =>
        {
            if (dialog.Type == "alert")
                _errors.Add($"alert: {dialog.Message}");
            else
                _questions.Add(dialog.Message);
            _ = SaysNo ? dialog.DismissAsync() : dialog.AcceptAsync();
        };
    }

    /// <summary>Whether the pages' questions are answered with no.</summary>
    public bool SaysNo { get; set; }

    /// <summary>What the pages have asked so far.</summary>
    public IReadOnlyList<string> Questions => _questions;

    public IPage Page { get; }

    /// <summary>What went wrong on the pages so far.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>What axe-core finds to be seriously wrong with the page.</summary>
    /// <param name="rule">The one rule that is asked for; null for all.</param>
    public async Task<IReadOnlyList<string>> ViolationsAsync(string? rule = null)
    {
        await Page.EvaluateAsync(Axe);
        return await Page.EvaluateAsync<string[]>(
            """
            async rule => {
              // What passes is not described: that takes most of the time.
              const options = { resultTypes: ['violations'], iframes: false, ...(rule && { runOnly: { type: 'rule', values: [rule] } }) };
              const found = await axe.run(document, options);
              return found.violations.filter(one => ['serious', 'critical'].includes(one.impact))
                .map(one => `${location} ${one.id}: ${one.help}: ${one.nodes.map(node => node.html).join(' | ')}`);
            }
            """,
            rule);
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
