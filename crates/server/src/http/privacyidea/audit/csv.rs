//! The trail as a file that a spreadsheet opens without running anything.

use super::line::{COLUMNS, object};
use super::{Line, cell};
use crate::spreadsheet;

/// RFC 4180, with the names of the columns first.
pub(super) fn write(lines: &[Line]) -> String {
    let mut text = COLUMNS.map(spreadsheet::cell).join(",");
    text.push_str("\r\n");
    for line in lines {
        let object = object(line);
        let cells = COLUMNS.map(|column| object.get(column).map(cell).unwrap_or_default());
        text.push_str(&cells.map(|cell| spreadsheet::cell(&cell)).join(","));
        text.push_str("\r\n");
    }
    text
}
