//! Just enough of Rust's grammar to tell code from comments and text literals. No tree, no types.

/// A file taken apart.
#[derive(Debug, Default)]
pub(crate) struct Lexed {
    /// Line by line, with comments removed and every literal emptied.
    pub(crate) code: Vec<String>,
    /// The text literals in order.
    pub(crate) literals: Vec<Literal>,
}

/// One text literal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// The line it begins on, counted from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// Takes a file apart. Never fails: what it cannot read stays code.
pub(crate) fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0, out: Lexed::default(), open: String::new() };
    while let Some(next) = lexer.peek(0) {
        lexer.step(next);
    }
    lexer.out.code.push(lexer.open);
    lexer.out
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    out: Lexed,
    /// The line of code being filled.
    open: String,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// Moves on by one; line ends are kept in step whatever the text is part of.
    fn take(&mut self) -> Option<char> {
        let next = self.peek(0)?;
        self.at += 1;
        if next == '\n' {
            self.out.code.push(std::mem::take(&mut self.open));
        }
        Some(next)
    }

    fn step(&mut self, next: char) {
        match next {
            '/' if self.peek(1) == Some('/') => self.line_comment(),
            '/' if self.peek(1) == Some('*') => self.block_comment(),
            '"' => self.string(),
            '\'' => self.quote(),
            'r' => self.maybe_raw_string(),
            _ => self.code(),
        }
    }

    fn code(&mut self) {
        if let Some(next) = self.take().filter(|next| *next != '\n') {
            self.open.push(next);
        }
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|next| next != '\n') {
            self.take();
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (Some(_), _) => {
                    self.take();
                    continue;
                }
                (None, _) => return,
            }
            self.take();
            self.take();
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        let line = self.out.code.len() + 1;
        let mut text = String::new();
        self.take();
        while let Some(next) = self.take() {
            match next {
                '"' => break,
                '\\' => text.extend(self.take().map(|escaped| if escaped == 'n' { '\n' } else { escaped })),
                _ => text.push(next),
            }
        }
        self.literal(line, text);
    }

    fn maybe_raw_string(&mut self) {
        let hashes = self.chars.iter().skip(self.at + 1).take_while(|next| **next == '#').count();
        if self.peek(hashes + 1) != Some('"') || !self.at_token_start() {
            return self.code();
        }
        let line = self.out.code.len() + 1;
        let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
        self.skip(hashes + 2);
        let mut text = String::new();
        while !self.chars.get(self.at..).is_some_and(|rest| rest.starts_with(&close)) {
            match self.take() {
                Some(next) => text.push(next),
                None => break,
            }
        }
        self.skip(close.len());
        self.literal(line, text);
    }

    /// A character literal or a lifetime.
    fn quote(&mut self) {
        match (self.peek(1), self.peek(2)) {
            (Some('\\'), _) => {
                self.skip(3);
                while self.take().is_some_and(|next| next != '\'') {}
            }
            (Some(_), Some('\'')) => self.skip(3),
            _ => self.code(),
        }
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.take();
        }
    }

    /// Whether an `r` here begins a literal rather than ending a name; `br` and `cr` count as its beginning.
    fn at_token_start(&self) -> bool {
        let before = self.open.strip_suffix(['b', 'c']).unwrap_or(&self.open);
        !before.ends_with(|last: char| last.is_alphanumeric() || last == '_')
    }

    fn literal(&mut self, line: usize, text: String) {
        self.open.push_str("\"\"");
        self.out.literals.push(Literal { line, text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_leave_the_code() {
        let lexed = lex("let a = \"tokio\"; // tokio\n/* serde\n /* in */ */ let b = 'x';\n");
        assert_eq!(lexed.code, ["let a = \"\"; ", "", " let b = ;", ""]);
        assert_eq!(lexed.literals, [Literal { line: 1, text: "tokio".to_owned() }]);
    }

    #[test]
    fn raw_literals_lifetimes_and_escapes_are_understood() {
        let lexed = lex("fn f<'a>(r: &'a str) { g(br#\"say \"hi\"\"#, '\\'', \"a\\\"b\\nc\") }");
        assert_eq!(lexed.code, ["fn f<'a>(r: &'a str) { g(b\"\", , \"\") }"]);
        let texts: Vec<&str> = lexed.literals.iter().map(|literal| literal.text.as_str()).collect();
        assert_eq!(texts, ["say \"hi\"", "a\"b\nc"]);
    }

    #[test]
    fn a_literal_over_several_lines_keeps_the_count() {
        let lexed = lex("a(\"one\ntwo\");\nb(\"three\");");
        assert_eq!(lexed.code, ["a(", "\"\");", "b(\"\");"]);
        assert_eq!(lexed.literals.iter().map(|literal| literal.line).collect::<Vec<_>>(), [1, 3]);
    }
}
