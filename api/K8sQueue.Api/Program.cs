using K8sQueue.Api.Commands;
using K8sQueue.Api.Hosting;
using K8sQueue.Core.Health;

if (args is [CreateKeyCommand.Name, ..])
    return CreateKeyCommand.Run(args.AsSpan(1), Console.Out, Console.Error);
if (args is [HealthProbe.Command])
    return await HealthCheckCommand.RunAsync(Console.Out, Console.Error);
try
{
    await ApiHost.Build(args).RunAsync();
    return 0;
}
catch (ApiConfigurationException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
