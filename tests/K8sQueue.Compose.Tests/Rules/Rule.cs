using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>What holds for every topology: its faults, each with the service that it is of.</summary>
internal delegate IEnumerable<string> Rule(Topology topology);

/// <summary>All of them, by the names that tests give.</summary>
internal static class AllRules
{
    public static IReadOnlyDictionary<string, Rule> ByName { get; } = new Dictionary<string, Rule>
    {
        ["images"] = ImageRule.Faults,
        ["ports"] = PortRule.Faults,
        ["hardening"] = HardeningRule.Faults,
        ["secrets"] = SecretRule.Faults,
        ["passwords"] = PasswordRule.Faults,
        ["environment"] = EnvironmentRule.Faults,
        ["logins"] = LoginRule.Faults,
        ["proxies"] = ProxyRule.Faults,
        ["health"] = HealthRule.Faults,
        ["dependencies"] = DependencyRule.Faults,
        ["addresses"] = AddressRule.Faults,
        ["volumes"] = VolumeRule.Faults,
        ["grace"] = GraceRule.Faults,
        ["scale"] = ScaleRule.Faults,
        ["routes"] = RouteRule.Faults,
        ["redis"] = RedisRule.Faults,
    };
}
