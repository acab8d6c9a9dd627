using K8sQueue.LocalCluster.Hosting;

return await LocalClusterCommand.Create().Parse(args).InvokeAsync();
