//! `POST /api/MFA/<id>/Explain`: why somebody is asked for a code at a provider, or not. An addition of
//! ours to the interface; it looks and changes nothing.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use axum::extract::State;
use axum::response::Response;
use domain::admin::Right;
use domain::attempt::{Audience, Client, Device, Who};
use domain::criteria::{AddressRange, InvalidRange, Label, Os};
use domain::name::{Login, RealmName};
use serde_json::{Value, json};

use crate::app::App;
use crate::auth::explain::{Explained, explain_at};
use crate::http::parallels::body::Body;
use crate::http::parallels::fields::Fields;
use crate::http::parallels::id::Id;
use crate::http::parallels::problem::Problem;
use crate::http::parallels::reply;
use crate::http::parallels::signed::Signed;

pub(super) async fn explain(
    State(app): State<App>,
    signed: Signed,
    Id(id): Id,
    body: Body,
) -> Result<Response, Problem> {
    let provider = super::find(&app, &signed, id, Right::View).await?.provider;
    let settings = app.settings();
    let exists = |realm: &RealmName| settings.splits_at_sign() && settings.realm(Some(realm)).is_some();
    let (login, device) = body.read(|fields| {
        let login = fields.parsed("user", NAMES, |text| Login::parse(text, exists));
        fields.required("user", login.as_ref().map(|_| ()));
        (login, device(fields))
    })?;
    let login = login.ok_or_else(Problem::busy)?;
    let who = Who::User { name: login.user, realm: login.realm, serial: None };
    let client = Client {
        group: String::new(),
        label: signed.name().to_owned(),
        address: device.address,
        device,
        audience: Audience::Person,
        theme: None,
        request_id: String::new(),
        request_key: None,
    };
    Ok(reply::ok(&shown(&explain_at(&app, &provider, &who, &client).await?)))
}

/// What is absent counts as not known.
fn device(fields: &mut Fields<'_>) -> Device {
    let os =
        |name: &str| Os::parse(name).ok_or_else(|| format!("must be one of {}", Os::ALL.map(Os::as_str).join(", ")));
    Device {
        address: fields.parsed("client", ADDRESSES, address),
        gateway: fields.parsed("gateway", ADDRESSES, address),
        os: fields.parsed("os", NAMES, os),
        name: fields.parsed("device", NAMES, Label::parse),
        hardware_id: fields.parsed("hardwareId", NAMES, Label::parse),
    }
}

fn address(text: &str) -> Result<IpAddr, InvalidRange> {
    AddressRange::parse(text, None).map(|range| range.from())
}

fn shown(explained: &Explained) -> Value {
    let Explained { is_known, provider, asked, right, wrong, .. } = explained;
    let right = right.map_or("they are signed in".to_owned(), |course| course.to_string());
    json!({
        "required": asked.is_required(),
        "known": is_known,
        "provider": provider,
        "explanation": asked.to_string().lines().collect::<Vec<_>>(),
        "afterRightPassword": right,
        "afterWrongPassword": wrong.to_string(),
    })
}

const NAMES: RangeInclusive<usize> = 1..=255;
const ADDRESSES: RangeInclusive<usize> = 1..=64;
