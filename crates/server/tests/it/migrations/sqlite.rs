//! The schema as SQLite describes it, by its pragmas.

use rusqlite::{Connection, Row};

use super::{Schema, bare};

/// Builds it in memory and reads it back.
pub(super) fn schema(text: &str) -> Schema {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(text).unwrap();
    let mut schema = Schema::new();
    for table in lines(&connection, TABLES, &[]) {
        schema.insert(format!("table {table}"));
        for (prefix, statement) in STATEMENTS {
            schema.extend(lines(&connection, statement, &[&table]).into_iter().map(|line| format!("{prefix} {line}")));
        }
        schema.extend(indexes(&connection, &table));
    }
    schema.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

fn lines(connection: &Connection, statement: &str, parameters: &[&str]) -> Vec<String> {
    let mut statement = connection.prepare(statement).unwrap();
    let rows = statement.query_map(rusqlite::params_from_iter(parameters), |row: &Row<'_>| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Indexes with names, and their predicates, which only their text tells.
fn indexes(connection: &Connection, table: &str) -> Vec<String> {
    let mut statement = connection.prepare(INDEXES).unwrap();
    let rows = statement.query_map([table], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).unwrap();
    let with_predicate = rows.map(Result::unwrap).map(|(line, sql)| match sql.split_once(" WHERE ") {
        Some((_, predicate)) => format!("{line} where {}", bare(predicate)),
        None => line,
    });
    with_predicate.collect()
}

const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";

/// Each gives the sentences of one kind for the table `?1`.
const STATEMENTS: [(&str, &str); 4] = [
    (
        "column",
        "SELECT ?1 || '.' || name
             || CASE type WHEN 'INTEGER' THEN ' integer' WHEN 'TEXT' THEN ' text' WHEN 'BLOB' THEN ' octets' ELSE ' ' || type END
             || iif(\"notnull\", ' not null', '') || coalesce(' default ' || dflt_value, '')
         FROM pragma_table_info(?1)",
    ),
    (
        "primary key",
        "SELECT ?1 || ' (' || group_concat(name, ', ') || ')' FROM
             (SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk) HAVING count(*) > 0",
    ),
    (
        "unique",
        "SELECT ?1 || ' (' || (SELECT group_concat(name, ', ') FROM
             (SELECT name FROM pragma_index_info(list.name) ORDER BY seqno)) || ')'
         FROM pragma_index_list(?1) AS list WHERE origin = 'u'",
    ),
    (
        "foreign key",
        "SELECT ?1 || ' (' || group_concat(\"from\", ', ') || ') to ' || \"table\" || ' (' || group_concat(\"to\", ', ')
             || '), update ' || on_update || ', delete ' || on_delete
         FROM (SELECT * FROM pragma_foreign_key_list(?1) ORDER BY id, seq) GROUP BY id",
    ),
];

const INDEXES: &str = "SELECT iif(\"unique\", 'unique index ', 'index ') || list.name || ' on ' || ?1 || ' (' ||
        (SELECT group_concat(name, ', ') FROM
            (SELECT coalesce(name, 'an expression') || iif(\"desc\", ' desc', '') AS name
             FROM pragma_index_xinfo(list.name) WHERE key ORDER BY seqno)) || ')', texts.sql
    FROM pragma_index_list(?1) AS list JOIN sqlite_schema AS texts ON texts.name = list.name WHERE origin = 'c'";
