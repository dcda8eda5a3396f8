"""Which resources a template asks for, given its parameters: those whose condition holds."""


def asked_for(template, parameters):
    """The logical ids of the resources that must be there."""
    defaults = {name: p["Default"] for name, p in template.get("Parameters", {}).items() if "Default" in p}
    known = defaults | parameters
    conditions = template.get("Conditions", {})

    def holds(value):
        if isinstance(value, str):
            return holds(conditions[value])
        [(function, of)] = value.items()
        match function:
            case "Condition":
                return holds(of)
            case "Fn::Not":
                return not holds(of[0])
            case "Fn::And":
                return all(holds(each) for each in of)
            case "Fn::Or":
                return any(holds(each) for each in of)
            case "Fn::Equals":
                return text(of[0]) == text(of[1])
        raise ValueError(f"the condition {function} is not known here")

    def text(value):
        return str(known[value["Ref"]]) if isinstance(value, dict) else str(value)

    resources = template["Resources"].items()
    return {name for name, resource in resources if "Condition" not in resource or holds(resource["Condition"])}
