using System.CommandLine;
using K8sQueue.LocalCluster.Hosting;

// Signals are the host's: an orderly end takes longer than the command line library would wait.
return await LocalClusterCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
