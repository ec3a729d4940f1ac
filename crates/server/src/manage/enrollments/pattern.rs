//! Patterns of lists: `*` stands for any text, letter case does not matter.

/// Whether the whole text fits the pattern.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text) in
            [("*", ""), ("*", "x"), ("PI*", "piem1"), ("*m1", "PIEM1"), ("P*E*1", "PIEM1"), ("a", "A")]
        {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "x"), ("PI", "PIEM1"), ("*x*", "PIEM1"), ("a*a", "a"), ("a*b", "ab "), ("%", "x")]
        {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }
}
