//! The HTML part: the text again, escaped, with the code large. No links, no images, no scripts, no
//! style sheet to fetch: nothing to prefetch, nothing to track, nothing to imitate.

use std::fmt::Write;

use super::{Mail, bound_line, code_to_add, lines};

/// The whole document. Every text in it is escaped.
pub(super) fn document(mail: &Mail<'_>) -> String {
    let mut page = String::with_capacity(mail.text.len() * 2 + 1024);
    page.push_str(HEAD);
    if let Some(banner) = mail.banner {
        block(&mut page, BANNER_STYLE, banner);
    }
    for paragraph in paragraphs(mail) {
        page.push_str(&paragraph);
    }
    if let Some(code) = code_to_add(mail) {
        block(&mut page, CODE_STYLE, code);
    }
    if let Some(bound) = bound_line(mail) {
        block(&mut page, BOUND_STYLE, &bound);
    }
    page.push_str(TAIL);
    page
}

/// Blank lines part paragraphs; a line with nothing but the code is one of its own.
fn paragraphs(mail: &Mail<'_>) -> Vec<String> {
    let mut done = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for line in lines(mail.text) {
        let is_code = mail.code.is_some_and(|code| code.expose() == line.trim());
        if is_code || line.is_empty() {
            close(&mut open, &mut done);
        } else {
            open.push(escape(&line));
        }
        if is_code {
            let mut code = String::new();
            block(&mut code, CODE_STYLE, line.trim());
            done.push(code);
        }
    }
    close(&mut open, &mut done);
    done
}

fn close(open: &mut Vec<String>, done: &mut Vec<String>) {
    if !open.is_empty() {
        done.push(format!("<p style=\"{TEXT_STYLE}\">{}</p>\n", open.join("<br>\n")));
        open.clear();
    }
}

fn block(page: &mut String, style: &str, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(page, "<p style=\"{style}\">{}</p>", escape(text));
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Dark and light are left to the reader's program; widths are for a phone first.
const HEAD: &str = "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
<meta name=\"color-scheme\" content=\"light dark\">\n</head>\n\
<body style=\"margin:0;padding:24px 16px\">\n\
<div style=\"max-width:32rem;margin:0 auto;font-family:system-ui,sans-serif;font-size:16px;line-height:1.5\">\n";

const TAIL: &str = "</div>\n</body>\n</html>\n";

const TEXT_STYLE: &str = "margin:0 0 16px";

const BANNER_STYLE: &str = "margin:0 0 16px;padding:8px 12px;border:1px solid #b7791f;font-weight:600";

const CODE_STYLE: &str = "margin:0 0 16px;font-family:ui-monospace,Consolas,Menlo,monospace;\
font-size:32px;line-height:1.3;letter-spacing:4px;font-weight:600";

const BOUND_STYLE: &str =
    "margin:24px 0 0;font-family:ui-monospace,Consolas,Menlo,monospace;font-size:12px;color:#767676";
