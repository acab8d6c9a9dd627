using System.Globalization;
using System.Threading.RateLimiting;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard;
using K8sQueue.Api.Dashboard.Login;
using K8sQueue.Api.Dashboard.Pages;
using K8sQueue.Api.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;

namespace K8sQueue.Api.RateLimits;

/// <summary>
/// Takes a token for each request: of its key's bucket, or of its address's where it has no good key. Comes behind authentication, so that it knows
/// which, and before authorization, so that requests without a good key are counted too.
/// </summary>
internal sealed class RateLimitMiddleware
{
    private readonly RequestDelegate _next;
    private readonly PartitionedRateLimiter<BucketName> _buckets;
    private readonly RateLimitOptions _options;
    private readonly RateLimitMetrics _metrics;
    private readonly bool _isAnonymous;
    private readonly string? _keyPolicy;
    private readonly string? _addressPolicy;

    public RateLimitMiddleware(RequestDelegate next, RateLimiting limits, RateLimitMetrics metrics, ApiKeyRing keys)
    {
        (_next, _options, _metrics, _isAnonymous) = (next, limits.Options, metrics, keys.IsAnonymous);
        _buckets = limits.Buckets ?? throw new InvalidOperationException("Nothing is limited.");
        (_keyPolicy, _addressPolicy) = (PolicyOf(_isAnonymous ? "address" : "key", _options.Key), PolicyOf("address", _options.Address));
    }

    public Task InvokeAsync(HttpContext context)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<DisableRateLimitingAttribute>() is not null)
            return _next(context);
        return metadata?.GetMetadata<DashboardEndpoint>() is not null && metadata.GetMetadata<IAllowAnonymous>() is null
            ? CountVisitorAsync(context)
            : CountAsync(context, context.User.Identity);
    }

    // Pages have a login in place of a key; authorization asks for it anyway, and the answer is kept.
    private async Task CountVisitorAsync(HttpContext context)
    {
        var login = await context.AuthenticateAsync(SessionHandler.SchemeName);
        await CountAsync(context, login.Principal?.Identity);
    }

    private Task CountAsync(HttpContext context, System.Security.Principal.IIdentity? identity)
    {
        var bucket = identity is not { IsAuthenticated: true, Name: { } name } ? BucketName.Of(CallerKind.Stranger, context.Connection.RemoteIpAddress)
            : _isAnonymous ? BucketName.Of(CallerKind.Anybody, context.Connection.RemoteIpAddress)
            : new BucketName(CallerKind.Key, name);
        if (_options.Of(bucket.Kind) is null)
            return _next(context);
        var answer = _buckets.AcquireAsync(bucket, permitCount: 1, context.RequestAborted);
        return answer.IsCompletedSuccessfully ? ObeyAsync(context, bucket, (Verdict)answer.Result) : WaitAsync(context, bucket, answer);
    }

    private async Task WaitAsync(HttpContext context, BucketName bucket, ValueTask<RateLimitLease> answer) =>
        await ObeyAsync(context, bucket, (Verdict)await answer);

    private Task ObeyAsync(HttpContext context, BucketName bucket, Verdict verdict)
    {
        if (verdict.Standing is { } standing)
        {
            context.Response.Headers["RateLimit"] = standing;
            context.Response.Headers["RateLimit-Policy"] = bucket.Kind == CallerKind.Stranger ? _addressPolicy : _keyPolicy;
        }

        if (verdict.Kind == VerdictKind.Admitted)
            return _next(context);
        _metrics.Add(bucket, verdict.Kind);
        return verdict.IsAcquired ? _next(context) : RefuseAsync(context, ProblemOf(bucket, verdict));
    }

    private Problem ProblemOf(BucketName bucket, Verdict verdict)
    {
        var seconds = verdict.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Verdict.Seconds(wait) : 1;
        if (verdict.Kind == VerdictKind.Unavailable)
            return new Problem(ProblemTypes.RateLimitsUnavailable) { RetryAfterSeconds = seconds };
        var limit = _options.Of(bucket.Kind)!;
        return new Problem(
            ProblemTypes.RateLimited,
            string.Create(CultureInfo.InvariantCulture, $"{Subject(bucket.Kind)} may send {limit.Rate} requests a second, and {limit.Burst} at once."))
        {
            RetryAfterSeconds = seconds,
        };
    }

    private static Task RefuseAsync(HttpContext context, Problem problem)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<DashboardEndpoint>()?.Kind != DashboardContent.Page)
            return problem.ExecuteAsync(context);
        problem.WriteHeaders(context.Response);
        return Page.Of<ErrorPage>(context, new ErrorModel(problem.Type.Title, problem.Detail), problem.Type.Status).ExecuteAsync(context);
    }

    private static string Subject(CallerKind kind) => kind switch
    {
        CallerKind.Key => "A key",
        CallerKind.Anybody => "An address",
        _ => "An address without a good key",
    };

    // A quota of the burst, which comes again within its window.
    private static string? PolicyOf(string name, RateLimit? limit) =>
        limit is null ? null : string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={limit.Burst};w={limit.FillSeconds}");
}
