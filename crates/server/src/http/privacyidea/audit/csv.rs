//! The trail as a file that a spreadsheet opens without running anything.

use super::line::{COLUMNS, object};
use super::{Line, cell};

/// RFC 4180, with the names of the columns first.
pub(super) fn write(lines: &[Line]) -> String {
    let mut text = COLUMNS.map(quote).join(",");
    text.push_str("\r\n");
    for line in lines {
        let object = object(line);
        let cells = COLUMNS.map(|column| object.get(column).map(cell).unwrap_or_default());
        text.push_str(&cells.map(|cell| quote(&guard(&cell))).join(","));
        text.push_str("\r\n");
    }
    text
}

/// A cell that begins like a formula is read as text behind an apostrophe.
fn guard(cell: &str) -> String {
    let first = cell.chars().find(|c| !c.is_whitespace());
    let is_formula = cell.starts_with(['\t', '\r', '\n'])
        || matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

fn quote(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\"").replace('\0', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed() {
        for bad in ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "＝1"] {
            assert_eq!(guard(bad), format!("'{bad}"));
        }
        assert_eq!(guard("POST /auth"), "POST /auth");
        assert_eq!(quote("a\"b"), "\"a\"\"b\"");
    }
}
