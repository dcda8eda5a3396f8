//! A figure beside its limit.

/// The side of its limit on which a figure must be.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

impl Limit {
    fn kept_by(self, value: f64) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::AtLeast(limit) => value >= limit,
        }
    }
}

/// Prints one figure with its limit and whether it is kept.
pub(crate) fn print(what: &str, value: f64, unit: &str, limit: Limit) {
    let (sign, bound) = match limit {
        Limit::AtMost(bound) => ("<=", bound),
        Limit::AtLeast(bound) => (">=", bound),
    };
    let word = if limit.kept_by(value) { "kept" } else { "MISSED" };
    println!("  {what:<58} {value:>9.3} {unit:<9} {sign} {bound:<7} {word}");
}

/// Prints a detail of the figure above.
pub(crate) fn note(text: &str) {
    println!("      {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_kept_at_its_very_value() {
        assert!(Limit::AtMost(0.3).kept_by(0.3) && !Limit::AtMost(0.3).kept_by(0.301));
        assert!(Limit::AtLeast(60.0).kept_by(60.0) && !Limit::AtLeast(60.0).kept_by(59.9));
    }
}
