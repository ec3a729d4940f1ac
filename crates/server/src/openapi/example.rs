//! An example of each call, as somebody would type it.

use super::{Operation, Place, Right};
use crate::openapi::{Listener, Method};

/// The call with `curl`. `base` is the address of the public listener.
pub fn curl(operation: &Operation, listener: Listener, base: &str) -> String {
    let mut path = operation.path.to_owned();
    for param in operation.params.iter().filter(|param| param.place == Place::Path) {
        path = path.replace(&format!("{{{}}}", param.name), param.example);
    }
    let shown: Vec<_> = operation.given().filter(|param| param.is_shown()).collect();
    let mut words = vec!["curl".to_owned()];
    let is_get = operation.method == Method::Get;
    match operation.method {
        Method::Get => words.extend((!shown.is_empty()).then(|| "-G".to_owned())),
        Method::Post if !shown.is_empty() => {}
        other => words.push(format!("-X {}", other.as_str())),
    }
    words.extend(key(operation.right).map(str::to_owned));
    let flag = if is_get { "--data-urlencode" } else { "-d" };
    words.extend(shown.iter().map(|param| format!("{flag} '{}={}'", param.name, param.example)));
    let base = if listener == Listener::Manage { MANAGE } else { base };
    words.push(format!("{base}{path}"));
    words.join(" ")
}

/// The header that the call needs.
const fn key(right: Right) -> Option<&'static str> {
    match right {
        Right::All(_) | Right::Any(_) => Some("-H \"X-API-Key: $KEY\""),
        Right::Check | Right::Nothing => None,
    }
}

/// Where the manage listener listens unless it is set otherwise.
pub(super) const MANAGE: &str = "http://127.0.0.1:9464";
