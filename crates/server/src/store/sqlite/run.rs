//! Runs statement values on a connection.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, params_from_iter};

use super::super::sql::{Statement, Value};
use super::StoreError;

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Runs a SELECT, or a write with RETURNING, and hands each row to `read`.
pub(super) fn select<T>(
    connection: &Connection,
    sql: &str,
    params: &[Value],
    mut read: impl FnMut(Vec<Value>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(params))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|column| Ok(value(row.get_ref(column)?))).collect::<rusqlite::Result<_>>()?;
        found.push(read(values)?);
    }
    Ok(found)
}

/// Runs a write and answers how many rows it touched.
pub(super) fn execute(connection: &Connection, sql: &str, params: &[Value]) -> Result<usize, StoreError> {
    Ok(connection.prepare_cached(sql)?.execute(params_from_iter(params))?)
}

/// Runs one statement of a change and holds it to its expectation.
pub(super) fn apply(connection: &Connection, statement: &Statement) -> Result<(), StoreError> {
    let touched = execute(connection, statement.sql, &statement.params)?;
    statement.expect.check(touched > 0)
}

fn value(column: ValueRef<'_>) -> Value {
    match column {
        // STRICT tables hold no reals; a bad text becomes bytes, which no reader takes for a text.
        ValueRef::Null | ValueRef::Real(_) => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_or_else(|_| Value::Blob(bytes.to_vec()), Value::from),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}
