//! Both engines have the same schema: built for real from the migration files, and compared as the
//! engines themselves describe it.

mod postgres;
mod sqlite;

use std::collections::BTreeSet;
use std::path::Path;

use self::postgres::schema as in_postgres;
use self::sqlite::schema as in_sqlite;

/// A schema as a set of sentences, the same words for both engines.
type Schema = BTreeSet<String>;

#[test]
fn both_engines_have_the_same_schema() {
    let differences = differences(&texts("sqlite"), &texts("postgres"));
    assert!(differences.is_empty(), "the schemas differ:\n{}", differences.join("\n"));
}

/// The comparison sees what it is there to see: each change of one text is found, and said.
#[test]
fn a_schema_that_differs_is_found() {
    let right = texts("postgres");
    for (text, instead, said) in ALTERATIONS {
        assert_ne!(right.replace(text, instead), right, "`{text}` is in the migrations");
        let found = differences(&texts("sqlite"), &right.replacen(text, instead, 1));
        assert!(found.iter().any(|line| line == said), "without `{text}`, `{said}` was not found but {found:#?}");
    }
}

/// What stands in one of the two alone.
fn differences(sqlite: &str, postgres: &str) -> Vec<String> {
    let (left, right) = (in_sqlite(sqlite), in_postgres(postgres));
    assert!(left.len() > 50, "{left:#?}");
    let only_left = left.difference(&right).map(|line| format!("only in SQLite: {line}"));
    let only_right = right.difference(&left).map(|line| format!("only in PostgreSQL: {line}"));
    only_left.chain(only_right).collect()
}

/// All migrations of an engine, in their order.
fn texts(engine: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// A default as its bare value, a predicate as its bare comparison: engines add casts and brackets.
fn bare(expression: &str) -> String {
    let casts = ["::text", "::bigint", "::bytea", "(", ")", "\"C\"", " COLLATE "];
    casts.into_iter().fold(expression.to_owned(), |text, cast| text.replace(cast, "")).to_lowercase()
}

/// In the text of PostgreSQL: what stands there, what instead, and the difference that must be found.
const ALTERATIONS: [(&str, &str, &str); 9] = [
    ("  tries BIGINT NOT NULL,\n", "", "only in SQLite: column challenge.tries integer not null"),
    ("  tries BIGINT NOT NULL,", "  tries BIGINT,", "only in PostgreSQL: column challenge.tries integer"),
    (
        "  tries BIGINT NOT NULL,",
        "  tries TEXT NOT NULL,",
        "only in PostgreSQL: column challenge.tries text without order by octets not null",
    ),
    (
        "CREATE INDEX enrollment_user ON enrollment (user_id);",
        "",
        "only in SQLite: index enrollment_user on enrollment (user_id)",
    ),
    (
        "ON former_address (left_at)",
        "ON former_address (left_at) WHERE left_at > 0",
        "only in SQLite: index former_address_left on former_address (left_at)",
    ),
    (
        "  UNIQUE (resolver, name_key)\n",
        "  CHECK (name <> '')\n",
        "only in SQLite: unique account (resolver, name_key)",
    ),
    (
        " REFERENCES provider (id),\n  address ",
        ",\n  address ",
        "only in SQLite: foreign key enrollment (provider_id) to provider (id), update NO ACTION, delete NO ACTION",
    ),
    ("  PRIMARY KEY (id, part)", "  PRIMARY KEY (id)", "only in SQLite: primary key challenge (id, part)"),
    (
        "  tries BIGINT NOT NULL,",
        "  tries BIGINT NOT NULL DEFAULT 3,",
        "only in PostgreSQL: column challenge.tries integer not null default 3",
    ),
];
