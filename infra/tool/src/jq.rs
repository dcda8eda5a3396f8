//! Programs in jq over templates, run in process by jaq.

use std::fmt::Debug;

use anyhow::{Context, Result, anyhow};
use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader, parse};
use jaq_core::{Compiler, Ctx, Filter, Vars, native, unwrap_valr};
use jaq_json::Val;
use serde::de::DeserializeOwned;
use serde_json::Value;

type Data = JustLut<Val>;

/// A compiled program.
pub(crate) struct Program(Filter<Data>);

impl Program {
    /// Compiles `text`, in which `variables` (`$name`) are known.
    ///
    /// # Errors
    /// When it isn't jq, or uses what isn't defined.
    pub(crate) fn compile<const N: usize>(text: &str, variables: [&str; N]) -> Result<Self> {
        let builtins = parse(include_str!("builtins.jq"), |parser| parser.defs());
        let builtins = builtins.context("builtins.jq has no jq definitions")?;
        let definitions = jaq_core::defs().chain(builtins);
        let functions =
            jaq_core::funs().chain(jaq_std::base_funs()).chain(jaq_json::funs()).chain([strict_json()]);
        let arena = Arena::default();
        let program = File { code: text, path: () };
        let modules = Loader::new(definitions)
            .load(&arena, program)
            .map_err(|errors| anyhow!("this is not jq: {}", faults(errors)))?;
        let compiler = Compiler::default().with_funs(functions).with_global_vars(variables);
        let filter =
            compiler.compile(modules).map_err(|errors| anyhow!("not defined: {}", faults(errors)))?;
        Ok(Self(filter))
    }

    /// Everything that the program gives for `input`, with its variables' values in the order of their names.
    ///
    /// # Errors
    /// When the program fails, or gives something else than `T`.
    pub(crate) fn run<T: DeserializeOwned, const N: usize>(
        &self,
        input: &Value,
        variables: [&Value; N],
    ) -> Result<Vec<T>> {
        let variables = variables.into_iter().map(to_jq).collect::<Result<Vec<_>>>()?;
        let context = Ctx::<Data>::new(&self.0.lut, Vars::new(variables));
        let given = self.0.id.run((context, to_jq(input)?));
        given
            .map(|value| {
                let json = unwrap_valr(value).map_err(|error| anyhow!(said(error)))?.to_string();
                serde_json::from_str(&json).with_context(|| json)
            })
            .collect()
    }
}

fn faults<T: Debug>(errors: Vec<(File<&str, ()>, T)>) -> String {
    errors.into_iter().map(|(_, fault)| format!("{fault:?}")).collect()
}

fn said(error: jaq_json::Error) -> String {
    match error.into_val() {
        Val::TStr(text) => String::from_utf8_lossy(&text).into_owned(),
        other => other.to_string(),
    }
}

fn to_jq(value: &Value) -> Result<Val> {
    Ok(serde::Deserialize::deserialize(value)?)
}

/// jaq's own `fromjson` takes more than JSON, which services refuse.
fn strict_json() -> native::Fun<Data> {
    native::run(("strict_json", native::v(0), |(_, text)| {
        native::bome(match &text {
            Val::TStr(text) => serde_json::from_slice(text).map_err(jaq_core::Error::str),
            other => Err(jaq_core::Error::str(format_args!("{other} is no text"))),
        })
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cant_be_compiled_is_named() {
        for (text, fault) in
            [(".a |", "this is not jq: "), ("misspelt", "misspelt"), ("$unknown", "$unknown")]
        {
            let error = Program::compile(text, []).err().unwrap().to_string();
            assert!(error.contains(fault), "{text}: {error}");
        }
    }

    #[test]
    fn json_is_read_as_services_read_it() {
        let program = Program::compile("try strict_json catch 0", []).unwrap();
        for (text, read) in [
            (json!("{\"a\": [1, null]}"), json!({ "a": [1, null] })),
            (json!("{\"a\": 1} # not JSON"), json!(0)),
            (json!("1 2"), json!(0)),
            (json!(1), json!(0)),
        ] {
            assert_eq!(program.run::<Value, 0>(&text, []).unwrap(), [read], "{text}");
        }
    }

    #[test]
    fn a_program_that_fails_tells_why() {
        let program = Program::compile("error(\"no such type: \\(.)\")", []).unwrap();
        let error = program.run::<Value, 0>(&json!("T"), []).unwrap_err();
        assert_eq!(error.to_string(), "no such type: T");
    }
}
