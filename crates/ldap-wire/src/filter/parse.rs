//! The text form of filters (RFC 4515): `(&(objectClass=person)(!(uid=a*)))`.

use super::Filter;

/// Why a text is no filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFilter {
    /// Something else is needed at that octet, counted from 1.
    #[error("not a filter as in (&(objectClass=person)(uid=*)): octet {0} cannot stand there")]
    At(usize),
    /// A comparison that is not offered.
    #[error("of comparisons only =, =* and a*b are offered, not >=, <= or ~=")]
    Comparison,
    /// Parentheses in parentheses, more than anybody needs.
    #[error("a filter is nested at most {MOST_DEPTH} deep")]
    TooDeep,
}

pub(super) fn parse(text: &str) -> Result<Filter, InvalidFilter> {
    let mut parser = Parser { octets: text.trim().as_bytes(), at: 0 };
    let filter = parser.filter(0)?;
    if parser.at == parser.octets.len() { Ok(filter) } else { Err(parser.wrong()) }
}

struct Parser<'a> {
    octets: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn filter(&mut self, depth: usize) -> Result<Filter, InvalidFilter> {
        if depth > MOST_DEPTH {
            return Err(InvalidFilter::TooDeep);
        }
        self.take(b'(')?;
        let filter = match self.peek() {
            Some(b'&') => Filter::And(self.list(depth)?),
            Some(b'|') => Filter::Or(self.list(depth)?),
            Some(b'!') => {
                self.at += 1;
                Filter::Not(Box::new(self.filter(depth + 1)?))
            }
            _ => self.item()?,
        };
        self.take(b')')?;
        Ok(filter)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Filter>, InvalidFilter> {
        self.at += 1;
        let mut filters = Vec::new();
        while self.peek() == Some(b'(') {
            filters.push(self.filter(depth + 1)?);
        }
        if filters.is_empty() { Err(self.wrong()) } else { Ok(filters) }
    }

    fn item(&mut self) -> Result<Filter, InvalidFilter> {
        let name = self.name()?;
        if let Some(b'<' | b'>' | b'~') = self.peek() {
            return Err(InvalidFilter::Comparison);
        }
        let rule = if self.peek() == Some(b':') { Some(self.rule()?) } else { None };
        self.take(b'=')?;
        let mut parts = self.value()?;
        match (rule, parts.len()) {
            (Some(rule), 1) => Ok(Filter::Matches(rule, name, parts.swap_remove(0))),
            (Some(_), _) => Err(self.wrong()),
            (None, 1) => Ok(Filter::Equals(name, parts.swap_remove(0))),
            (None, 2) if parts.iter().all(Vec::is_empty) => Ok(Filter::Present(name)),
            (None, _) => Ok(Filter::Substrings(name, parts)),
        }
    }

    /// The number of a rule behind the attribute, as in `member:1.2.840.113556.1.4.1941:=`.
    fn rule(&mut self) -> Result<String, InvalidFilter> {
        self.take(b':')?;
        let rule = self.name()?;
        self.take(b':')?;
        Ok(rule)
    }

    fn name(&mut self) -> Result<String, InvalidFilter> {
        let start = self.at;
        while self.peek().is_some_and(|octet| octet.is_ascii_alphanumeric() || b"-.;".contains(&octet)) {
            self.at += 1;
        }
        let name = self.octets.get(start..self.at).unwrap_or_default();
        match str::from_utf8(name) {
            Ok(name) if !name.is_empty() => Ok(name.to_owned()),
            _ => Err(self.wrong()),
        }
    }

    /// The parts between asterisks.
    fn value(&mut self) -> Result<Vec<Vec<u8>>, InvalidFilter> {
        let mut parts = vec![Vec::new()];
        while let Some(octet) = self.peek().filter(|&octet| octet != b')') {
            self.at += 1;
            let value = match octet {
                b'*' => {
                    parts.push(Vec::new());
                    continue;
                }
                b'(' | 0 => return Err(self.wrong()),
                b'\\' => self.escaped()?,
                plain => plain,
            };
            if let Some(part) = parts.last_mut() {
                part.push(value);
            }
        }
        Ok(parts)
    }

    /// Two hexadecimal digits.
    fn escaped(&mut self) -> Result<u8, InvalidFilter> {
        let digits = self.octets.get(self.at..self.at + 2).and_then(|digits| str::from_utf8(digits).ok());
        let value = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let value = value.and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or_else(|| self.wrong())?;
        self.at += 2;
        Ok(value)
    }

    fn peek(&self) -> Option<u8> {
        self.octets.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> Result<(), InvalidFilter> {
        if self.peek() != Some(wanted) {
            return Err(self.wrong());
        }
        self.at += 1;
        Ok(())
    }

    const fn wrong(&self) -> InvalidFilter {
        InvalidFilter::At(self.at + 1)
    }
}

const MOST_DEPTH: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn equals(name: &str, value: &str) -> Filter {
        Filter::equals(name, value)
    }

    #[test]
    fn filters_of_administrators_are_read() {
        assert_eq!(parse("(uid=bob)"), Ok(equals("uid", "bob")));
        assert_eq!(parse("(objectClass=*)"), Ok(Filter::Present("objectClass".to_owned())));
        assert_eq!(parse(r"(cn=a\2ab\29)"), Ok(equals("cn", "a*b)")));
        let person = Filter::And(vec![
            Filter::Present("sAMAccountName".to_owned()),
            Filter::Not(Box::new(equals("objectCategory", "computer"))),
        ]);
        assert_eq!(parse("(&(sAMAccountName=*)(!(objectCategory=computer)))"), Ok(person));
        let chain = Filter::Matches("1.2.840.113556.1.4.1941".to_owned(), "memberOf".to_owned(), b"cn=vpn".to_vec());
        assert_eq!(parse("(memberOf:1.2.840.113556.1.4.1941:=cn=vpn)"), Ok(chain));
        let parts = vec![b"a".to_vec(), b"b".to_vec(), Vec::new()];
        assert_eq!(parse("(cn=a*b*)"), Ok(Filter::Substrings("cn".to_owned(), parts)));
    }

    #[test]
    fn what_is_no_filter_says_where() {
        for (text, at) in [("", 1), ("uid=bob", 1), ("(uid=bob", 9), ("(&)", 3), ("(uid=bob))", 10), (r"(uid=\4)", 7)] {
            assert_eq!(parse(text), Err(InvalidFilter::At(at)), "{text}");
        }
        assert_eq!(parse("(age>=3)"), Err(InvalidFilter::Comparison));
        let deep = format!("{}(a=b){}", "(!".repeat(40), ")".repeat(40));
        assert_eq!(parse(&deep), Err(InvalidFilter::TooDeep));
    }
}
