using K8sQueue.Worker.Hosting;

return WorkerProgram.Run(args);
