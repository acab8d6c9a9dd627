using System.Globalization;

namespace K8sQueue.LocalCluster.Kubelet.Pods;

/// <summary>Hands out addresses of the pod network, each to one pod at a time; a freed one comes round last.</summary>
internal sealed class PodAddresses
{
    private const int Size = 254 * 254;

    private readonly string _network;
    private readonly HashSet<int> _used = [];
    private readonly Lock _lock = new();
    private int _next;

    /// <param name="network">The first two numbers, such as 127.42.</param>
    /// <param name="first">Where to begin: two clusters of one machine should not begin at the same.</param>
    public PodAddresses(string network, int first)
    {
        _network = network;
        _next = first % Size;
    }

    public string Take()
    {
        lock (_lock)
        {
            if (_used.Count == Size)
                throw new InvalidOperationException($"All {Size} pod addresses of {_network}.0.0/16 are in use.");
            while (!_used.Add(_next))
                _next = (_next + 1) % Size;
            var taken = _next;
            _next = (_next + 1) % Size;
            return $"{_network}.{1 + taken / 254}.{1 + taken % 254}";
        }
    }

    public void Free(string address)
    {
        var parts = address.Split('.');
        lock (_lock)
            _used.Remove((int.Parse(parts[2], CultureInfo.InvariantCulture) - 1) * 254 + int.Parse(parts[3], CultureInfo.InvariantCulture) - 1);
    }
}
