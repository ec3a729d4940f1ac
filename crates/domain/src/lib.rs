//! The rules of Otpost, and nothing else.
//!
//! Pure values and functions: no async, no serialisation, no clock, no chance, no I/O of their own.
//! Time and randomness come in as arguments, decisions go out as values.
//!
//! The words, in reading order:
//!
//! - a [`provider`] holds the settings of one e-mail code method;
//! - an [`enrollment`] says that this user may use that provider, at this [`address`];
//! - [`criteria`] say whether a second factor applies to an attempt, and [`decide`] what follows
//!   the first one;
//! - a [`theme`] is an entrance at which people sign in; it picks the provider;
//! - an [`attempt`] is what a protocol hands us: who, which proof, from where;
//! - a [`request_key`] tells a copy of a request from a new one;
//! - a [`challenge`] is one [`code`] on its way, open and then closed for one reason;
//! - a [`verdict`] is our answer; a refusal is the reason inside it, kept for the audit;
//! - a [`budget`] says how often something may be tried, and a [`subject`] is whom it is charged to;
//! - an [`admin`] has rights.

pub mod address;
pub mod admin;
pub mod attempt;
pub mod budget;
pub mod challenge;
pub mod code;
pub mod criteria;
pub mod decide;
pub mod enrollment;
pub mod name;
pub mod provider;
pub mod random;
pub mod request_key;
pub mod secret;
pub mod subject;
pub mod text;
pub mod theme;
pub mod time;
pub mod verdict;
