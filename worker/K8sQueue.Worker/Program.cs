using K8sQueue.Worker.Hosting;

SelfExec.AcceptSignals();
return WorkerProgram.Run(args);
