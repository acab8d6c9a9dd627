namespace K8sQueue.Api.Authentication;

/// <summary>What an endpoint asks of whoever calls it. One without is served to nobody, but where it is open to all.</summary>
/// <param name="Verb">What it does.</param>
/// <param name="Reach">In which queues.</param>
internal sealed record AccessRequirement(Verb Verb, Reach Reach);

/// <summary>In which queues an endpoint does what it does.</summary>
internal enum Reach
{
    /// <summary>In the queue of the address: its <c>{queue}</c>, or that of its <c>{id}</c>.</summary>
    Address,

    /// <summary>In those that the body names: the endpoint asks <see cref="Access"/> for each.</summary>
    Body,

    /// <summary>It shows those that the caller may see, and leaves out the others.</summary>
    Visible,

    /// <summary>In none of them, or in all.</summary>
    Everywhere,
}
