namespace K8sQueue.LocalCluster.Autoscaling.Formulas;

internal enum FormulaType
{
    Integer,
    Float,
    Boolean,
    Nil,
}

/// <summary>A compiled part of a formula. Booleans are 1 and 0; null is nil.</summary>
internal sealed record FormulaExpression(FormulaType Type, Func<IReadOnlyDictionary<string, double?>, double?> Evaluate)
{
    public bool IsNumber => Type is FormulaType.Integer or FormulaType.Float;

    public string TypeName => Type switch
    {
        FormulaType.Integer => "int",
        FormulaType.Float => "float64",
        FormulaType.Boolean => "bool",
        _ => "nil",
    };

    public static FormulaExpression Constant(FormulaType type, double? value) => new(type, _ => value);

    public static FormulaExpression Variable(string name) =>
        new(FormulaType.Float, values => values.TryGetValue(name, out var value) ? value : throw new FormulaException($"no value for {name}"));

    public double Value(IReadOnlyDictionary<string, double?> values) =>
        Evaluate(values) ?? throw new FormulaException("invalid operation on nil");

    public bool IsTrue(IReadOnlyDictionary<string, double?> values) => Evaluate(values) is not (null or 0);
}
