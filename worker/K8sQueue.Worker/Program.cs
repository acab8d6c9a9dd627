using K8sQueue.Worker.Hosting;

return await WorkerProgram.RunAsync(args);
