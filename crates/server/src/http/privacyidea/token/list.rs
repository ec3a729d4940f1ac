//! `GET /token/`: lists.

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::call::Call;
use super::{csv, object};
use crate::api_key::Scope;
use crate::http::privacyidea::envelope::Failure;
use crate::manage::enrollments::list::{self, Order, Page, Wanted};
use crate::manage::users::{self, Owner};
use crate::settings::is_true;

/// `GET /token/`.
pub(super) async fn list(call: Call) -> Result<Response, Failure> {
    call.by(Scope::AdminRead, "/token/").await?;
    let (number, size) = call.page()?;
    let page = Page {
        number,
        size,
        order: Order::parse(call.params.text("sortby").unwrap_or_default()),
        is_descending: call.params.text("sortdir").is_some_and(|way| way.eq_ignore_ascii_case("desc")),
    };
    let listed = list::list(&call.app, wanted(&call).await?, page).await?;
    if call.params.text("outform") == Some("csv") {
        return Ok(csv::answer(&listed.shown));
    }
    let tokens: Vec<Value> = listed.shown.iter().map(object::of).collect();
    Ok(call.answer(paged("tokens", &tokens, number, size, listed.count)).into_response())
}

/// One page of a list, and where it stands among the others.
pub(super) fn paged(name: &str, entries: &[Value], number: usize, size: usize, count: usize) -> Value {
    let has_next = number.saturating_mul(size) < count;
    json!({
        "count": count,
        "current": number,
        "next": has_next.then_some(number + 1),
        "prev": (number > 1).then(|| number - 1),
        (name): entries,
    })
}

async fn wanted(call: &Call) -> Result<Wanted, Failure> {
    let text = |name: &str| call.params.text(name).map(str::to_owned);
    let flag = |name: &str| call.params.text(name).map(is_true);
    let owners = owners(call).await?;
    Ok(Wanted {
        serial: text("serial"),
        // The realm beside a user has already said which user.
        realm: text("realm").or_else(|| text("tokenrealm")).filter(|_| owners.is_none()),
        owners,
        kind: text("type").or_else(|| text("tokentype")),
        is_assigned: flag("assigned"),
        is_active: flag("active"),
        info: text("infokey").map(|key| (key, text("infovalue"))),
        description: text("description"),
    })
}

/// The users named: one exactly, or all that fit a pattern.
async fn owners(call: &Call) -> Result<Option<Vec<Owner>>, Failure> {
    let pattern = call.params.text("user").filter(|user| user.contains('*'));
    let Some(pattern) = pattern else {
        return Ok(call.owner().await?.map(|owner| vec![owner]));
    };
    if pattern == "*" {
        return Ok(None);
    }
    let realm = call.params.text("realm").map(str::to_owned);
    let wanted = users::Wanted { name: Some(pattern.to_owned()), realm, ..users::Wanted::default() };
    let found = users::find(&call.app, wanted).await?;
    Ok(Some(found.into_iter().map(|found| (found.account, found.realm)).collect()))
}
