//! An example of each call, as somebody would type it.

use serde_json::{Map, Value};

use super::{Operation, Place, Right};
use crate::openapi::{Listener, Method};

/// The call with `curl`. `base` is the address of the public listener.
pub fn curl(operation: &Operation, listener: Listener, base: &str) -> String {
    let mut path = operation.path.to_owned();
    for param in operation.params.iter().filter(|param| param.place == Place::Path) {
        path = path.replace(&format!("{{{}}}", param.name), param.example);
    }
    if operation.is_parallels() {
        return in_json(operation, &format!("{base}{path}"));
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

/// A call of the Parallels RAS interface.
fn in_json(operation: &Operation, address: &str) -> String {
    let mut words = vec!["curl".to_owned()];
    match (operation.method, operation.has_body()) {
        (Method::Get, _) | (Method::Post, true) => {}
        (other, _) => words.push(format!("-X {}", other.as_str())),
    }
    words.extend(key(operation.right).map(str::to_owned));
    if operation.has_body() && operation.given().next().is_some() {
        let shown = operation.given().filter(|param| param.is_shown());
        let body: Map<_, _> = shown.map(|param| (param.name.to_owned(), param.example_value())).collect();
        words.push(format!("-H 'Content-Type: application/json' -d '{}'", Value::Object(body)));
    }
    words.push(address.to_owned());
    words.join(" ")
}

/// The header that the call needs.
const fn key(right: Right) -> Option<&'static str> {
    match right {
        Right::All(_) | Right::Any(_) => Some("-H \"X-API-Key: $KEY\""),
        Right::Session(_) => Some("-H \"auth_token: $TOKEN\""),
        Right::Check | Right::Nothing => None,
    }
}

/// Where the manage listener listens unless it is set otherwise.
pub(super) const MANAGE: &str = "http://127.0.0.1:9464";
