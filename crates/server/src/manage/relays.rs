//! Use cases: relays.
