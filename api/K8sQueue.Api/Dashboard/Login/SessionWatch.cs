namespace K8sQueue.Api.Dashboard.Login;

/// <summary>Ends an answer that goes on and on once who it goes to may not have it any more: their key was taken back, may do less, or the login has ended.</summary>
internal static class SessionWatch
{
    /// <summary>How often it is looked.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <summary>Answers a request, whose end is that of the answer, or of the login.</summary>
    /// <param name="context">The request.</param>
    /// <param name="mayStill">Whether it may go on.</param>
    /// <param name="time">The clock.</param>
    /// <param name="answer">Answers it until <see cref="HttpContext.RequestAborted"/>.</param>
    public static async ValueTask<object?> GuardAsync(HttpContext context, Func<bool> mayStill, TimeProvider time, Func<ValueTask<object?>> answer)
    {
        var aborted = context.RequestAborted;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        context.RequestAborted = end.Token;
        var watch = WatchAsync(mayStill, time, end);
        try
        {
            return await answer();
        }
        finally
        {
            await end.CancelAsync();
            await watch;
            context.RequestAborted = aborted;
        }
    }

    private static async Task WatchAsync(Func<bool> mayStill, TimeProvider time, CancellationTokenSource end)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(end.Token))
            {
                if (!mayStill())
                    await end.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The answer has ended.
        }
    }
}
