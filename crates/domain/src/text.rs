//! The operator's texts: two placeholders, replaced once, left to right. Nothing an operator types
//! is a program.

/// Stands for the code.
pub const OTP: &str = "%OTP%";

/// Stands for the life of the code in whole seconds.
pub const DURATION: &str = "%DURATION%";

/// Renders a text in a single pass: what a placeholder brings in is never looked at again. Without a duration the
/// placeholder for it stays as it is typed: a subject has none.
// tidy: not a secret, because the caller exposes its code here for the mail alone
pub fn render(template: &str, code: &str, duration_seconds: Option<u64>) -> String {
    let mut rendered = String::with_capacity(template.len() + code.len());
    let mut rest = template;
    while let Some((at, placeholder)) = next_placeholder(rest) {
        let (before, after) = rest.split_at(at);
        rendered.push_str(before);
        match (placeholder, duration_seconds) {
            (OTP, _) => rendered.push_str(code),
            (_, Some(seconds)) => rendered.push_str(&seconds.to_string()),
            (_, None) => rendered.push_str(placeholder),
        }
        rest = after.get(placeholder.len()..).unwrap_or_default();
    }
    rendered.push_str(rest);
    rendered
}

fn next_placeholder(text: &str) -> Option<(usize, &'static str)> {
    [OTP, DURATION].into_iter().filter_map(|placeholder| Some((text.find(placeholder)?, placeholder))).min()
}

/// Characters that have no place in a name, subject or address: C0, DEL, C1, line and paragraph
/// separators, everything that changes the direction of text.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Length as both source systems count it: UTF-16 units.
pub fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn placeholders_are_replaced_once() {
        assert_eq!(render("%OTP% for %DURATION% s, %OTP%", "123456", Some(120)), "123456 for 120 s, 123456");
        assert_eq!(render("%OTP%", "%DURATION%", Some(120)), "%DURATION%");
        assert_eq!(render("%OTP% for %DURATION%", "123456", None), "123456 for %DURATION%");
        assert_eq!(render("%%OTP%%", "1", Some(2)), "%1%");
        assert_eq!(render("nothing", "1", None), "nothing");
    }

    proptest! {
        #[test]
        fn the_code_stands_only_where_the_placeholder_stood(template in "[a-z %OTP]{0,60}") {
            let count = template.matches(OTP).count();
            prop_assert_eq!(render(&template, "424242", Some(0)).matches("424242").count(), count);
        }
    }
}
