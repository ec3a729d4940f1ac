//! A cell of a CSV file (RFC 4180) that a spreadsheet opens without running anything.

/// The cell in quotes. What begins like a formula is read as text behind an apostrophe.
pub fn cell(text: &str) -> String {
    let guard = if is_formula(text) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\"").replace('\0', ""))
}

fn is_formula(text: &str) -> bool {
    let first = text.chars().find(|c| !c.is_whitespace() && *c != '\0');
    text.starts_with(['\t', '\r', '\n']) || matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed() {
        for bad in ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "\n1", "＝1"] {
            assert_eq!(cell(bad), format!("\"'{bad}\""));
        }
        assert_eq!(cell("\0=1"), "\"'=1\"");
        assert_eq!(cell("POST /auth"), "\"POST /auth\"");
        assert_eq!(cell("a\"b"), "\"a\"\"b\"");
    }
}
