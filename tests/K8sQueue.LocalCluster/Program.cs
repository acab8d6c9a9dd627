using System.CommandLine;
using K8sQueue.LocalCluster.Hosting;

// No time-out of System.CommandLine's own: at SIGTERM the host stops, and its kubelet gives every pod its grace period.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null };
return await LocalClusterCommand.Create().Parse(args).InvokeAsync(configuration);
