namespace K8sQueue.Core.Jobs;

/// <summary>A job that will not run again by itself.</summary>
/// <param name="Job">The job as it was at its last start.</param>
/// <param name="Reason">Why it was buried, one of <see cref="DeadLetterReasons"/>.</param>
/// <param name="Error">The last failure, message and stack.</param>
/// <param name="BuriedAt">When, by the broker's clock.</param>
public sealed record DeadLetter(JobEnvelope Job, string Reason, string Error, DateTimeOffset BuriedAt);

/// <summary>Why a job became a dead letter.</summary>
public static class DeadLetterReasons
{
    /// <summary>Every attempt failed.</summary>
    public const string AttemptsExhausted = nameof(AttemptsExhausted);

    /// <summary>The handler said that another attempt makes no sense.</summary>
    public const string Unrecoverable = nameof(Unrecoverable);

    /// <summary>No handler is registered for the job's type.</summary>
    public const string UnknownType = nameof(UnknownType);

    /// <summary>The job took its process with it too often.</summary>
    public const string Poison = nameof(Poison);

    /// <summary>The entry could not be read; its bytes are kept as the payload.</summary>
    public const string Corrupt = nameof(Corrupt);
}
