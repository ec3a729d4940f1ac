//! Use cases: realms.
