//! SQL as values: one text per statement, parameters beside it, rows read column by column.
//!
//! The texts are portable between the engines (numbered placeholders `?1`, `ON CONFLICT`,
//! `RETURNING`, nothing invented by the database); a runner per engine executes them.

use super::StoreError;

/// A value in a parameter or a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Absent.
    Null,
    /// A number, a time in milliseconds, or a truth value (0 or 1).
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// One statement with its parameters, and how many rows it must touch.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The text, fixed at compile time.
    pub sql: &'static str,
    /// Parameters, the first for `?1`.
    pub params: Vec<Value>,
    /// What the count of touched rows must be for the whole change to stand.
    pub expect: Expect,
}

/// How many rows a statement must touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Any number.
    Any,
    /// At least one; otherwise the change is rolled back as [`StoreError::Stale`].
    Current,
    /// At least one; otherwise the change is rolled back as [`StoreError::NotFound`].
    Some,
}

impl Expect {
    /// Holds the count of touched rows to the expectation.
    pub(super) fn check(self, is_touched: bool) -> Result<(), StoreError> {
        match self {
            Self::Current if !is_touched => Err(StoreError::Stale),
            Self::Some if !is_touched => Err(StoreError::NotFound),
            Self::Any | Self::Current | Self::Some => Ok(()),
        }
    }
}

impl Statement {
    /// A statement that may touch any number of rows.
    pub fn new(sql: &'static str, params: impl Into<Vec<Value>>) -> Self {
        Self { sql, params: params.into(), expect: Expect::Any }
    }

    /// A statement that must touch a row as it was read.
    pub(crate) fn must_be_current(sql: &'static str, params: impl Into<Vec<Value>>) -> Self {
        Self { expect: Expect::Current, ..Self::new(sql, params) }
    }

    /// A statement that must touch a row.
    pub(crate) fn must_hit(sql: &'static str, params: impl Into<Vec<Value>>) -> Self {
        Self { expect: Expect::Some, ..Self::new(sql, params) }
    }
}

/// One row on its way out: columns are taken in the order of the SELECT.
#[derive(Debug)]
pub(crate) struct Row {
    table: &'static str,
    column: usize,
    values: std::vec::IntoIter<Value>,
}

impl Row {
    /// A row of `table`, named in the error when a column holds what it never should.
    pub(super) fn new(table: &'static str, values: Vec<Value>) -> Self {
        Self { table, column: 0, values: values.into_iter() }
    }

    /// The next column.
    pub(crate) fn take<T: FromValue>(&mut self) -> Result<T, StoreError> {
        let column = self.column;
        self.column += 1;
        let value = self.values.next().unwrap_or(Value::Null);
        T::from_value(value).ok_or(StoreError::Corrupt { table: self.table, column })
    }

    /// The next column, read into a domain value by `parse`.
    pub(crate) fn take_as<T: FromValue, U>(&mut self, parse: impl FnOnce(T) -> Option<U>) -> Result<U, StoreError> {
        let (table, column) = (self.table, self.column);
        parse(self.take()?).ok_or(StoreError::Corrupt { table, column })
    }
}

/// What a column can be read as.
pub(crate) trait FromValue: Sized {
    /// The value, if it has the right shape.
    fn from_value(value: Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Int(number) = value { Some(number) } else { None }
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(0) => Some(false),
            Value::Int(1) => Some(true),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text) } else { None }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Blob(bytes) = value { Some(bytes) } else { None }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: Value) -> Option<Self> {
        Vec::from_value(value)?.try_into().ok()
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        if value == Value::Null { Some(None) } else { T::from_value(value).map(Some) }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Int(truth.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// An array of parameters of mixed types.
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::store::sql::Value::from($value)),*] };
}
pub(crate) use values;
