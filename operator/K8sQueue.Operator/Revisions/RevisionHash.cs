using System.Security.Cryptography;
using System.Text.Json.Nodes;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Revisions;

/// <summary>
/// The name of a revision: a hash over everything of the spec that reaches the pods. It is taken over the input, not over what the
/// builder makes of it, so that an upgraded builder leaves what runs alone.
/// </summary>
public static class RevisionHash
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int Length = 8;

    /// <summary>The hash of a pool that is charged to the budgets it names only.</summary>
    public static string Of(WorkerPoolSpec spec) => Of(spec, PoolCharges.Of(spec, []));

    /// <param name="spec">The pool's.</param>
    /// <param name="charges">By <see cref="PoolCharges"/>.</param>
    public static string Of(WorkerPoolSpec spec, IReadOnlyList<PoolCharge> charges)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(charges);
        var input = new JsonObject
        {
            ["template"] = OperatorJson.ToObject(spec.Template),
            ["drainTimeoutSeconds"] = spec.Drain.TimeoutSeconds,
            ["charges"] = Charges(charges),
            ["queues"] = new JsonArray([.. NativeQueues(spec).Select(queue => JsonValue.Create(queue.Name))]),
        };
        if (NativeQueues(spec).FirstOrDefault() is { } native)
            input["redis"] = OperatorJson.ToObject(native.K8squeue!.Redis);
        if (spec.Drain.TakesIdleOnly && charges.Count == 0)
            input["gated"] = true;
        return Encode(SHA256.HashData(CanonicalJson.Write(input)));
    }

    /// <summary>In the order of the spec: the first budget's share is the worker's pool size.</summary>
    private static JsonArray Charges(IReadOnlyList<PoolCharge> charges) =>
        [.. charges.Select(charge => new JsonArray(charge.Budget, charge.PerReplica))];

    private static IEnumerable<QueueSpec> NativeQueues(WorkerPoolSpec spec) => spec.Queues.Where(queue => queue.K8squeue is not null);

    private static string Encode(byte[] hash) =>
        string.Create(Length, hash, static (text, bytes) =>
        {
            var value = BitConverter.ToUInt64(bytes) & long.MaxValue;
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = Alphabet[(int)(value % (ulong)Alphabet.Length)];
                value /= (ulong)Alphabet.Length;
            }
        });
}
