//! Owns reading a `FreeRADIUS` `clients.conf` as it is: blocks `client NAME { key = value }`, comments,
//! quotes. What could be read in two ways is refused. Knows nothing of what the keys mean.

use std::path::Path;
use std::sync::Arc;

use domain::secret::Secret;

use super::origin::Origin;
use super::problem::Problem;

/// One `client` block.
pub(super) struct Block {
    /// What stands behind `client`.
    pub(super) name: String,
    /// Where it begins.
    pub(super) origin: Origin,
    pairs: Vec<Pair>,
}

/// One `key = value` of a block. Every value counts as secret until the key says otherwise.
pub(super) struct Pair {
    pub(super) key: String,
    pub(super) value: Secret,
    pub(super) origin: Origin,
}

impl Block {
    /// The last value of a key, as `FreeRADIUS` takes it.
    pub(super) fn find(&self, key: &str) -> Option<&Pair> {
        self.pairs.iter().rev().find(|pair| pair.key == key)
    }
}

/// All blocks of a file, or the first place where it is not what it should be.
pub(super) fn parse(file: &Path, text: &str) -> Result<Vec<Block>, Box<Problem>> {
    let mut scan = Scan { file: Arc::from(file), text, at: 0 };
    let mut blocks = Vec::new();
    while let Some(word) = scan.name()? {
        blocks.push(scan.block(&word)?);
    }
    Ok(blocks)
}

struct Scan<'a> {
    file: Arc<Path>,
    text: &'a str,
    at: usize,
}

/// A bare or quoted word, and where it begins.
struct Word {
    text: Secret,
    at: usize,
}

impl<'a> Scan<'a> {
    /// A block, from behind its first word on.
    fn block(&mut self, word: &Word) -> Result<Block, Box<Problem>> {
        match word.text.expose() {
            "client" => {}
            "clients" => {
                return Err(self.problem(
                    word.at,
                    "a list of clients for one listener is not offered",
                    "take its clients out of it",
                ));
            }
            _ => return Err(self.problem(word.at, "only `client NAME { … }` may stand here", "leave the rest out")),
        }
        let name = self.inner_name()?;
        self.expect('{')?;
        let mut pairs = Vec::new();
        while !self.take('}') {
            if let Some(pair) = self.pair()? {
                pairs.push(pair);
            }
        }
        Ok(Block { name: name.text.expose().to_owned(), origin: self.place(word.at), pairs })
    }

    /// One `key = value`; nothing for an inner section, which is about what we have no use for.
    fn pair(&mut self) -> Result<Option<Pair>, Box<Problem>> {
        let key = self.inner_name()?;
        if self.take('{') {
            self.skip_section()?;
            return Ok(None);
        }
        let value = self.assigned()?;
        let origin = self.place(value.at);
        Ok(Some(Pair { key: key.text.expose().to_ascii_lowercase(), value: value.text, origin }))
    }

    /// Goes to the end of a section, however deep.
    fn skip_section(&mut self) -> Result<(), Box<Problem>> {
        let mut depth = 1_usize;
        while depth > 0 {
            if self.take('}') {
                depth -= 1;
                continue;
            }
            self.inner_name()?;
            if self.take('{') {
                depth += 1;
            } else {
                self.assigned()?;
            }
        }
        Ok(())
    }

    fn inner_name(&mut self) -> Result<Word, Box<Problem>> {
        match self.name()? {
            Some(name) => Ok(name),
            None => Err(self.problem(self.text.len(), "a block is not closed", "end it with }")),
        }
    }

    /// The value behind an operator: `:=` is how some write it; others would edit what is there already.
    fn assigned(&mut self) -> Result<Word, Box<Problem>> {
        self.take(':');
        self.expect('=')?;
        self.value()
    }

    /// The next name, if anything follows at all.
    fn name(&mut self) -> Result<Option<Word>, Box<Problem>> {
        self.skip_blank(true);
        let at = self.at;
        match self.rest().chars().next() {
            None => Ok(None),
            Some('"' | '\'') => self.quoted().map(Some),
            Some('$') => {
                Err(self.problem(at, "other files are not read from here", "write their clients into this file"))
            }
            Some(_) => {
                let is_name = |c: char| c.is_alphanumeric() || "_-.:/*".contains(c);
                let rest = self.rest();
                let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                // `name:=value` has no blank in front of its operator.
                let length = rest.get(..length).map_or(length, |name| name.trim_end_matches(':').len());
                if length == 0 {
                    return Err(self.problem(at, "a name should stand here", "write key = value, one on a line"));
                }
                self.at += length;
                Ok(Some(Word { text: Secret::new(self.text.get(at..self.at).unwrap_or_default()), at }))
            }
        }
    }

    /// What stands behind `=`, on the same line.
    fn value(&mut self) -> Result<Word, Box<Problem>> {
        self.skip_blank(false);
        let at = self.at;
        if self.rest().starts_with(['"', '\'']) {
            return self.quoted();
        }
        let rest = self.rest();
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        // A comma may part it from what follows on the same line.
        let bare = rest.get(..length).unwrap_or_default();
        let bare = bare.strip_suffix(',').unwrap_or(bare);
        if bare.is_empty() {
            return Err(self.problem(at, "a value should stand here", "write key = value, one on a line"));
        }
        if bare.contains(['"', '\'', '#', '{', '}', ',', '`', '$', '\\']) {
            return Err(self.problem(at, "the value could be read in two ways", "put it in double quotes"));
        }
        self.at += bare.len();
        Ok(Word { text: Secret::new(bare), at })
    }

    /// Text in quotes. In double ones `\"` and `\\` stand for the second character.
    fn quoted(&mut self) -> Result<Word, Box<Problem>> {
        let at = self.at;
        let (mut text, mut chars) = (zeroize::Zeroizing::new(String::new()), self.rest().char_indices());
        let quote = chars.next().map_or('"', |(_, quote)| quote);
        let broken =
            |what: &str| self.problem(at, what, "close the quote on the same line; of \\ there are \\\" and \\\\");
        while let Some((offset, c)) = chars.next() {
            match c {
                '\n' => break,
                '\\' => match chars.next() {
                    Some((_, escaped)) if escaped == quote || escaped == '\\' => text.push(escaped),
                    _ => return Err(broken("a \\ stands before something else than a quote")),
                },
                '$' if self.rest().get(offset + 1..).is_some_and(|rest| rest.starts_with('{')) => {
                    return Err(self.problem(at, "the value names another one by ${…}", "write the value itself"));
                }
                c if c == quote => {
                    self.at = at + offset + c.len_utf8();
                    return Ok(Word { text: Secret::new(text.as_str()), at });
                }
                c if c.is_control() => return Err(broken("a control character stands in quotes")),
                c => text.push(c),
            }
        }
        Err(broken("a quote is not closed"))
    }

    fn expect(&mut self, sign: char) -> Result<(), Box<Problem>> {
        if self.take(sign) {
            return Ok(());
        }
        Err(self.problem(self.at, &format!("`{sign}` should stand here"), "write client NAME { key = value … }"))
    }

    /// Steps over a sign, if it is the next thing; commas between pairs are blank.
    fn take(&mut self, sign: char) -> bool {
        self.skip_blank(true);
        let is_next = self.rest().starts_with(sign);
        if is_next {
            self.at += sign.len_utf8();
        }
        is_next
    }

    fn skip_blank(&mut self, with_lines: bool) {
        loop {
            let rest = self.rest();
            let is_blank =
                |c: char| c.is_whitespace() && (with_lines || c != '\n') || with_lines && (c == ',' || c == ';');
            let blank = rest.find(|c| !is_blank(c)).unwrap_or(rest.len());
            self.at += blank;
            if !with_lines || !self.rest().starts_with('#') {
                return;
            }
            let comment = self.rest().find('\n').unwrap_or(self.rest().len());
            self.at += comment;
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn place(&self, at: usize) -> Origin {
        Origin::at(&self.file, self.text, at)
    }

    fn problem(&self, at: usize, what: &str, remedy: &str) -> Box<Problem> {
        Box::new(Problem::new(&self.place(at), "", what).remedy(remedy))
    }
}
