using K8sQueue.Operator.Entities.Schema;

if (args is ["crds", "--output", var folder])
{
    CrdYaml.Write(folder);
    return 0;
}

return 1;
