//! Use cases: settings.
