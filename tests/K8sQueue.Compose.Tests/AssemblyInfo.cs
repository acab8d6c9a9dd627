// Each of the classes that run a topology has a dozen processes.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
