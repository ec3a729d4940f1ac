//! Use cases: enrollments.
