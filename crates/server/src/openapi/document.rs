//! From the tables to a document in the format of `OpenAPI` 3.1.

use serde_json::{Map, Value, json};

use super::example::MANAGE;
use super::{Answer, GROUPS, Group, Listener, Operation, Param, Place, Right};
use crate::api_key::Scope;

/// The document. `base` is the path under which people reach the public listener; may be empty.
pub fn document(base: &str) -> Value {
    let mut paths = Map::new();
    for group in &GROUPS {
        for operation in group.operations {
            let item = paths.entry(operation.path).or_insert_with(|| path_item(group));
            if let Some(item) = item.as_object_mut() {
                item.insert(operation.method.as_str().to_lowercase(), described(group, operation));
            }
        }
    }
    let tags: Vec<_> = GROUPS.iter().map(|group| json!({"name": group.title, "description": group.about})).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Otpost",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "One-time passwords by e-mail",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": if base.is_empty() { "/" } else { base }, "description": "public listener"}],
        "tags": tags,
        "paths": paths,
        "components": components(),
    })
}

fn path_item(group: &Group) -> Value {
    match group.listener {
        Listener::Manage => json!({"servers": [{"url": MANAGE, "description": "manage listener (manage.listen)"}]}),
        Listener::Public => json!({}),
    }
}

fn described(group: &Group, operation: &Operation) -> Value {
    let in_query = |param: &&Param| param.place != Place::Given || !operation.has_body();
    let parameters: Vec<_> = operation.params.iter().filter(in_query).map(parameter).collect();
    let notes = if operation.notes.is_empty() { String::new() } else { format!("{}\n\n", operation.notes) };
    let mut value = json!({
        "operationId": operation.id(),
        "tags": [group.title],
        "summary": operation.summary,
        "description": format!("{notes}Needs: {}.", operation.right.in_words()),
        "parameters": parameters,
        "security": security(operation.right),
        "responses": responses(group, operation),
    });
    let body = operation.has_body().then(|| body(operation)).flatten();
    if let (Some(body), Some(value)) = (body, value.as_object_mut()) {
        value.insert("requestBody".to_owned(), body);
    }
    value
}

fn parameter(param: &Param) -> Value {
    json!({
        "name": param.name,
        "in": if param.place == Place::Path { "path" } else { "query" },
        "required": param.is_required,
        "description": param.about,
        "schema": param.schema(),
        "example": param.example_value(),
    })
}

/// The body in each of its encodings; its parameters may stand in the query as well.
fn body(operation: &Operation) -> Option<Value> {
    let properties: Map<_, _> = operation.given().map(|param| (param.name.to_owned(), param.schema())).collect();
    if properties.is_empty() {
        return None;
    }
    let required: Vec<_> = operation.given().filter(|param| param.is_required).map(|param| param.name).collect();
    let example: Map<_, _> = operation
        .given()
        .filter(|param| param.is_required)
        .map(|param| (param.name.to_owned(), param.example_value()))
        .collect();
    let is_closed = operation.is_parallels();
    let schema =
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": !is_closed});
    let media = json!({"schema": schema, "example": example});
    if operation.is_parallels() {
        return Some(json!({"required": true, "content": {"application/json": media}}));
    }
    Some(json!({
        "required": !required.is_empty(),
        "content": {
            "application/x-www-form-urlencoded": media,
            "multipart/form-data": media,
            "application/json": media,
        },
    }))
}

fn security(right: Right) -> Value {
    let with = |scopes: &[Scope]| {
        let names: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        json!({"apiKey": names})
    };
    match right {
        Right::All(scopes) => json!([{"administrator": []}, with(scopes)]),
        Right::Any(scopes) => {
            let keys = scopes.iter().map(|scope| with(std::slice::from_ref(scope)));
            Value::Array(std::iter::once(json!({"administrator": []})).chain(keys).collect())
        }
        Right::Session(_) => json!([{"session": []}]),
        Right::Check => json!([{}, with(&[Scope::ValidateCheck])]),
        Right::Nothing => json!([]),
    }
}

fn responses(group: &Group, operation: &Operation) -> Value {
    let status = match operation.answer {
        Answer::Created => "201",
        Answer::Done => "204",
        _ => "200",
    };
    let mut all = Map::from_iter([(status.to_owned(), success(operation))]);
    if operation.is_parallels() {
        let problem = json!({"$ref": "#/components/responses/Problem"});
        all.extend(PROBLEMS.map(|status| (status.to_owned(), problem.clone())));
        all.extend(
            ANYWHERE.map(|status| (status.to_owned(), json!({"$ref": format!("#/components/responses/{status}")}))),
        );
        return Value::Object(all);
    }
    for status in failures(group.listener, operation) {
        all.insert((*status).to_owned(), json!({"$ref": format!("#/components/responses/{status}")}));
    }
    if operation.may_be_down() {
        all.insert("503".to_owned(), with_description(success(operation), "not ready"));
    }
    Value::Object(all)
}

/// What may come instead. Every call of the public listener passes one layer that may refuse it.
const fn failures(listener: Listener, operation: &Operation) -> &'static [&'static str] {
    match (listener, operation.right) {
        (Listener::Manage, _) => &[],
        (Listener::Public, Right::Nothing) => &["400", "421", "431", "503"],
        (Listener::Public, _) => &["400", "401", "403", "404", "405", "413", "421", "431", "503"],
    }
}

fn with_description(mut response: Value, text: &str) -> Value {
    if let Some(response) = response.as_object_mut() {
        response.insert("description".to_owned(), text.into());
    }
    response
}

fn success(operation: &Operation) -> Value {
    let meaning = if operation.meaning.is_empty() { "true" } else { operation.meaning };
    let content = match operation.answer {
        Answer::Csv => json!({"text/csv": {"schema": {"type": "string"}}}),
        Answer::Metrics => json!({"application/openmetrics-text": {"schema": {"type": "string"}}}),
        Answer::Created | Answer::Plain if operation.is_parallels() => json!({RAS: {"schema": {"type": "object"}}}),
        Answer::PlainList => json!({RAS: {"schema": {"type": "array", "items": {"type": "object"}}}}),
        Answer::Plain => json!({"application/json": {"schema": {"type": "object"}}}),
        Answer::Done => return json!({"description": meaning}),
        _ if operation.given().any(|param| param.name == "outform") => {
            json!({"application/json": {"schema": schema(operation)}, "text/csv": {"schema": {"type": "string"}}})
        }
        _ => json!({"application/json": {"schema": schema(operation)}}),
    };
    json!({"description": meaning, "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
        "content": content})
}

/// The envelope, and what is special about its value here.
fn schema(operation: &Operation) -> Value {
    let envelope = match operation.answer {
        Answer::Judged => "Judged",
        Answer::State => "State",
        _ => "Envelope",
    };
    let envelope = json!({"$ref": format!("#/components/schemas/{envelope}")});
    let value = match operation.answer {
        // An administrator gets an object; a user may get a challenge first.
        Answer::Object if operation.path == "/auth" => json!({"type": ["object", "boolean"]}),
        Answer::Object => json!({"type": "object"}),
        Answer::Count => json!({"type": "integer"}),
        Answer::List => json!({"type": "array", "items": {"type": "object"}}),
        Answer::Text => json!({"type": "string"}),
        Answer::TextOrNull => json!({"type": ["string", "null"]}),
        Answer::Judged | Answer::Truth => json!({"type": "boolean"}),
        Answer::Created
        | Answer::Csv
        | Answer::Done
        | Answer::Metrics
        | Answer::Plain
        | Answer::PlainList
        | Answer::State => return envelope,
    };
    json!({"allOf": [envelope, {"properties": {"result": {"properties": {"value": value}}}}]})
}

fn components() -> Value {
    serde_json::from_str(COMPONENTS).unwrap_or_default()
}

/// The media type of the Parallels RAS interface.
const RAS: &str = "application/json; api-version=1.0";
/// Statuses of its refusals, all in one shape.
const PROBLEMS: [&str; 10] = ["400", "401", "403", "404", "405", "409", "413", "415", "429", "503"];
/// What is said before any interface is asked.
const ANYWHERE: [&str; 2] = ["421", "431"];
/// What the operations refer to; the same for every installation.
const COMPONENTS: &str = include_str!("components.json");
const ABOUT: &str = "Parameters travel in the query, as a form, as multipart or as a JSON object; where query and body \
    disagree the query wins. At most 100 of them, 8,192 bytes each. Unknown names are ignored, except where every name \
    is one. Paths without their last slash redirect (308). Under /api it is otherwise: bodies are JSON objects, \
    unknown and repeated properties are refused, paths and query names are taken in any letter case.";
