Console.WriteLine("K8sQueue");
