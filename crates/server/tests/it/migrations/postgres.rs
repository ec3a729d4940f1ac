//! The schema as PostgreSQL describes it, by its catalogue.

use super::{Schema, bare};
use crate::postgres::Database;

/// Builds it in a database of its own and reads it back.
pub(super) fn schema(text: &str) -> Schema {
    let database = Database::new();
    database.query(text);
    let mut schema = Schema::new();
    for statement in STATEMENTS {
        schema.extend(database.query(statement).into_iter().map(|row| sentence(&row)));
    }
    schema
}

/// The sentence, and a word with an expression that goes with it.
fn sentence(row: &[String]) -> String {
    match row {
        [line, word, expression] if !expression.is_empty() => format!("{line} {word} {}", bare(expression)),
        _ => row[0].clone(),
    }
}

const STATEMENTS: [&str; 4] = [
    "SELECT 'table ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
    "SELECT 'column ' || relname || '.' || attname
         || CASE WHEN typname = 'int8' THEN ' integer' WHEN typname = 'bytea' THEN ' octets'
                 WHEN typname = 'text' AND collname = 'C' THEN ' text'
                 WHEN typname = 'text' THEN ' text without order by octets' ELSE ' ' || typname END
         || CASE WHEN attnotnull THEN ' not null' ELSE '' END, 'default', pg_get_expr(adbin, adrelid)
     FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = attrelid JOIN pg_type AS t ON t.oid = atttypid
         LEFT JOIN pg_collation AS o ON o.oid = attcollation
         LEFT JOIN pg_attrdef AS d ON adrelid = attrelid AND adnum = attnum
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped",
    "SELECT CASE contype WHEN 'p' THEN 'primary key ' WHEN 'u' THEN 'unique ' ELSE 'foreign key ' END || c.relname || ' (' ||
         (SELECT string_agg(attname, ', ' ORDER BY at) FROM unnest(conkey) WITH ORDINALITY AS k (number, at)
          JOIN pg_attribute ON attrelid = conrelid AND attnum = number) || ')'
         || CASE WHEN contype <> 'f' THEN '' ELSE ' to ' || f.relname || ' (' ||
             (SELECT string_agg(attname, ', ' ORDER BY at) FROM unnest(confkey) WITH ORDINALITY AS k (number, at)
              JOIN pg_attribute ON attrelid = confrelid AND attnum = number)
             || '), update ' || (actions.words ->> confupdtype::text) || ', delete ' || (actions.words ->> confdeltype::text) END
     FROM pg_constraint JOIN pg_class AS c ON c.oid = conrelid LEFT JOIN pg_class AS f ON f.oid = confrelid,
         (SELECT '{\"a\": \"NO ACTION\", \"r\": \"RESTRICT\", \"c\": \"CASCADE\", \"n\": \"SET NULL\", \"d\": \"SET DEFAULT\"}'::jsonb
          AS words) AS actions
     WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f')",
    "SELECT CASE WHEN indisunique THEN 'unique index ' ELSE 'index ' END || i.relname || ' on ' || c.relname || ' (' ||
         (SELECT string_agg(coalesce(attname, 'an expression') || CASE WHEN option & 1 = 1 THEN ' desc' ELSE '' END, ', '
                            ORDER BY at)
          FROM unnest(indkey::int2[], indoption::int2[]) WITH ORDINALITY AS k (number, option, at)
          LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = number AND number > 0) || ')',
         'where', pg_get_expr(indpred, indrelid)
     FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid JOIN pg_class AS c ON c.oid = indrelid
     WHERE i.relnamespace = 'public'::regnamespace
         AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))",
];
