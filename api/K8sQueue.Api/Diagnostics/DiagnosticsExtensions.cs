namespace K8sQueue.Api.Diagnostics;

/// <summary>Registers the checks and what they look at.</summary>
internal static class DiagnosticsExtensions
{
    public static IServiceCollection AddDiagnostics(this IServiceCollection services)
    {
        services.AddSingleton<QueueHistory>();
        services.AddSingleton<FactsReader>();
        services.AddSingleton<Diagnoser>();
        return services;
    }
}
