using System.CommandLine;
using K8sQueue.LocalCluster.Hosting;

// No time-out of System.CommandLine's own: at SIGTERM the host stops its services in order, and the kubelet ends every pod.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null };
return await LocalClusterCommand.Create().Parse(args).InvokeAsync(configuration);
