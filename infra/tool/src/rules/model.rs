use serde_json::Value;

/// A translated template, as rules look at it.
pub(crate) struct Template(Value);

/// A resource of a template.
#[derive(Clone, Copy)]
pub(crate) struct Resource<'a> {
    pub(crate) id: &'a str,
    pub(crate) body: &'a Value,
}

impl Template {
    pub(crate) fn new(template: Value) -> Self {
        Self(template)
    }

    pub(crate) fn value(&self) -> &Value {
        &self.0
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        self.0["Resources"].as_object().into_iter().flatten().map(|(id, body)| Resource { id, body })
    }

    pub(crate) fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = Resource<'a>> {
        self.resources().filter(move |resource| resource.kind() == kind)
    }

    /// The resource that `value` refers to, by `Ref` or `Fn::GetAtt`.
    pub(crate) fn referred(&self, value: &Value) -> Option<Resource<'_>> {
        let id =
            value.get("Ref").or_else(|| value.get("Fn::GetAtt").and_then(|path| path.get(0)))?.as_str()?;
        self.resources().find(|resource| resource.id == id)
    }
}

impl<'a> Resource<'a> {
    pub(crate) fn kind(&self) -> &'a str {
        self.body["Type"].as_str().unwrap_or_default()
    }

    pub(crate) fn property(&self, name: &str) -> &'a Value {
        &self.body["Properties"][name]
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        !self.property(name).is_null()
    }
}

/// A value as text, with what is known only at deployment written as in `Fn::Sub`: `${Queue.Arn}`.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Object(map) => {
            let Some((function, of)) = map.iter().next() else { return String::new() };
            match (function.as_str(), of) {
                ("Ref", Value::String(name)) => format!("${{{name}}}"),
                ("Fn::GetAtt", Value::Array(path)) => {
                    format!("${{{}}}", path.iter().map(text).collect::<Vec<_>>().join("."))
                }
                ("Fn::Sub", Value::Array(parts)) => parts.first().map(text).unwrap_or_default(),
                ("Fn::Sub", of) => text(of),
                ("Fn::Join", Value::Array(parts)) => {
                    let glue = parts.first().map(text).unwrap_or_default();
                    let parts = parts.get(1).and_then(Value::as_array);
                    parts.into_iter().flatten().map(text).collect::<Vec<_>>().join(&glue)
                }
                _ => value.to_string(),
            }
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A value that may stand alone or in a list.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// `text` with the names in a `Fn::Sub` resolved to what they are compared with.
pub(crate) fn is_intrinsic(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|map| map.len() == 1 && map.keys().all(|key| key == "Ref" || key.starts_with("Fn::")))
}

/// What is there on at least one of a condition's sides, for all `Fn::If` around it.
pub(crate) fn sides(value: &Value) -> Vec<&Value> {
    match value.get("Fn::If").and_then(Value::as_array) {
        Some(choice) => choice.iter().skip(1).flat_map(sides).collect(),
        None => vec![value],
    }
}
